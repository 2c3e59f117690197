import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import type { Authority } from "../core/environment.ts";
import { securityEventClaims, signSecurityEvent } from "../core/events/security-event-token.ts";
import { signalEvent } from "../core/events/signal-event.ts";
import type { SignalFeed } from "../core/signals/signal-feed.ts";
import type { OpenSecurityEvents } from "../events/open-security-events.ts";
import { securityEventMetrics } from "../telemetry/security-event-metrics.ts";
import { eventReceivers } from "./event-receivers.ts";

type Known = Pick<Authority, "keyring" | "keys" | "revocations">;

/** Where nobody is to be told. */
const UNTOLD: OpenSecurityEvents = { tell: () => undefined, close: async () => undefined };

/** Tells the configured receivers; what does so is loaded only where there are any. @throws StartError */
export async function securityEvents(config: Config, known: Known, log: Logger): Promise<OpenSecurityEvents> {
  const receivers = await eventReceivers(config);
  if (receivers.length === 0) return UNTOLD;
  const { openSecurityEvents } = await import("../events/open-security-events.ts");
  const { issuer } = config;
  const events = openSecurityEvents({
    receivers,
    claimsOf: (event, addressed) => securityEventClaims(issuer, event, addressed),
    sign: (claims) => signSecurityEvent({ issuer, ...known }, claims),
    observer: securityEventMetrics(),
    log,
  });
  return events;
}

/** What this process finds, or is told by a verifier, is told once: others of the deployment tell theirs themselves. */
export function tellingReceivers(feed: SignalFeed, events: OpenSecurityEvents): SignalFeed {
  return {
    ...feed,
    tell(signal) {
      const isNew = feed.tell(signal);
      if (isNew) events.tell(() => signalEvent(signal));
      return isNew;
    },
  };
}
