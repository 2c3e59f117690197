import { type Caller, requirePermission } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import type { ReportSignalsRequest, ReportSignalsResponse } from "../../gen/assay/v1/authority_service.ts";
import type { Answer } from "./rpc.ts";
import { signalFromMessage } from "./signal-message.ts";
import { gatherViolations } from "./violations.ts";

type Report = (
  environment: Pick<Authority, "signalFeed">,
  caller: Caller,
  message: ReportSignalsRequest,
) => Promise<Answer<ReportSignalsResponse>>;

const GREATEST_REPORT = 100;
/** Of each verifier: an attack on it finds room. One that lies fills the latest 1,000 within ten seconds, under its own name. */
const A_SECOND = 100;
const AT_ONCE = 1_000;

/** Takes what verifiers tell, at a rate. Nothing of it gets into the log. @param now in milliseconds */
export function reportSignals(now: () => number = () => performance.now()): Report {
  // As many as there are configured callers.
  const rooms = new Map<string, { left: number; at: number }>();

  function roomOf(name: string): { left: number; at: number } {
    const time = now();
    const { left, at } = rooms.get(name) ?? { left: AT_ONCE, at: time };
    const room = { left: Math.min(AT_ONCE, left + ((time - at) / 1_000) * A_SECOND), at: time };
    rooms.set(name, room);
    return room;
  }

  return async ({ signalFeed }, caller, { signals }) => {
    requirePermission(caller, "introspect");
    const violations = gatherViolations();
    violations.add(
      "signals",
      signals.length > GREATEST_REPORT ? `must have at most ${GREATEST_REPORT} values` : undefined,
    );
    violations.throwIfAny();
    const room = roomOf(caller.name);
    let taken = 0;
    for (const message of signals) {
      const signal = signalFromMessage(message, caller.name);
      if (signal === undefined || room.left < 1) continue;
      room.left -= 1;
      taken += 1;
      signalFeed.tell(signal);
    }
    return { response: { taken } };
  };
}
