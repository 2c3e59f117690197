import { type Caller, requirePermission } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { ReportSignalsRequest, ReportSignalsResponse } from "../../gen/assay/v1/authority_service.ts";
import { rateLimits } from "./call-limits.ts";
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
  const admit = rateLimits({ rate: { callsPerSecond: A_SECOND, burst: AT_ONCE }, rates: new Map() }, now);

  return async ({ signalFeed }, caller, { signals }) => {
    requirePermission(caller, "introspect");
    const violations = gatherViolations();
    violations.add(
      "signals",
      signals.length > GREATEST_REPORT ? `must have at most ${GREATEST_REPORT} values` : undefined,
    );
    violations.throwIfAny();
    const told = signals.map((message) => signalFromMessage(message, caller.name)).filter((one) => one !== undefined);
    let taken = 0;
    for (const signal of told) {
      if (!hasRoom(() => admit(caller))) break;
      signalFeed.tell(signal);
      taken += 1;
    }
    return { response: { taken } };
  };
}

/** A report is no call that is refused: what there is no room for is left out. */
function hasRoom(admit: () => void): boolean {
  try {
    admit();
    return true;
  } catch (error) {
    if (error instanceof AssayError && error.code === "rate_limited") return false;
    throw error;
  }
}
