/** What sends events, apart from a server: to real receivers, with a key of its own and a log that is kept. */
import { readFile } from "node:fs/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import type { EventName, SecurityEvent } from "../../src/core/events/security-event.ts";
import { securityEventClaims } from "../../src/core/events/security-event-token.ts";
import type { Delivery } from "../../src/events/delivery-observer.ts";
import { type OpenSecurityEvents, openSecurityEvents } from "../../src/events/open-security-events.ts";
import type { Receiver } from "../../src/events/receiver.ts";
import { AUDIENCE, type EventReceiver } from "../support/event-receiver.ts";
import { recordEmitted } from "../support/leaks/record.ts";
import { recordJwk } from "../support/leaks/record-files.ts";

export type Sender = {
  events: OpenSecurityEvents;
  /** Tells a session of this name. */
  tell(session: string, name?: EventName): void;
  /** What became of events, by the receiver. */
  told: { receiver: string; delivery: Delivery }[];
  /** How many of them came to this. */
  count(delivery: Delivery): number;
  waiting(receiver: string): number | undefined;
  log: { level: string; fields: object; message: string }[];
};

/** Ended without delay when the test has finished. */
export async function openSender(receivers: readonly Receiver[]): Promise<Sender> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  recordJwk("a signing key", await exportJWK(privateKey));
  const told: Sender["told"] = [];
  const log: Sender["log"] = [];
  const queues = new Map<string, () => number>();
  const at = (level: string) => (fields: object, message: string) => void log.push({ level, fields, message });
  const events = openSecurityEvents({
    receivers,
    claimsOf: (event, addressed) => securityEventClaims("https://assay.example", event, addressed),
    sign: (claims) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: "EdDSA", typ: "secevent+jwt" }).sign(privateKey),
    observer: {
      told: (receiver, delivery) => void told.push({ receiver, delivery }),
      follow: (receiver, waiting) => void queues.set(receiver, waiting),
    },
    log: { info: at("info"), warn: at("warn"), error: at("error") },
  });
  onTestFinished(async () => {
    await events.close(0, AbortSignal.abort());
    recordEmitted("log", JSON.stringify(log));
  });
  return {
    events,
    tell: (session, name = "session-revoked") => events.tell(() => eventOf(session, name)),
    told,
    count: (delivery) => told.filter((one) => one.delivery === delivery).length,
    waiting: (receiver) => queues.get(receiver)?.(),
    log,
  };
}

export function toReceiver({ url, caFile }: EventReceiver, changes: Partial<Receiver> = {}): Receiver {
  return {
    name: "siem",
    url: new URL(url),
    audience: AUDIENCE,
    events: new Set<EventName>(["session-revoked", "signal"]),
    allowPrivateAddresses: true,
    credentials: async () => ({ ca: await readFile(caFile, "utf8") }),
    ...changes,
  };
}

export function sessionOf({ sub_id }: { sub_id: Readonly<Record<string, unknown>> }): unknown {
  return sub_id["id"];
}

function eventOf(id: string, name: EventName): SecurityEvent {
  return { name, at: Date.now(), subject: { format: "opaque", id }, details: {} };
}
