import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { fingerprintsOf } from "../fingerprint.ts";
import { actionFor } from "./actions.ts";
import type { Found } from "./detectors.ts";
import type { Signal } from "./signal.ts";

/** Tells what was found, with fingerprints of this period, and has done what follows from it by itself. */
export function report(environment: Environment, caller: Caller, { finding, origin }: Found): Signal {
  const traceable = { ...finding, ...(origin === undefined ? {} : fingerprintsOf(environment, origin)) };
  const act = actionFor(environment.actions, caller, finding, origin);
  if (act === undefined) return environment.signals.emit(traceable);
  const signal = environment.signals.emit({ ...traceable, action: act.action });
  environment.takeAction(act);
  return signal;
}
