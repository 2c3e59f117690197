import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { fingerprintOfNetwork, fingerprintsOf } from "../fingerprint.ts";
import { actionFor } from "./actions.ts";
import type { Found } from "./detectors.ts";
import type { Signal } from "./signal.ts";

/** Tells what was found, with fingerprints of this period, and has done what follows from it by itself. @param caller absent where nothing may */
export function report(
  environment: Environment,
  caller: Caller | undefined,
  { finding, origin, network }: Found,
): Signal {
  const traceable = {
    ...finding,
    ...(origin === undefined ? {} : fingerprintsOf(environment, origin)),
    ...(network === undefined ? {} : { networkFingerprint: fingerprintOfNetwork(environment, network) }),
  };
  const act = caller === undefined ? undefined : actionFor(environment.actions, caller, finding, origin);
  if (act === undefined) return environment.signals.emit(traceable);
  const signal = environment.signals.emit({ ...traceable, action: act.action });
  environment.takeAction(act);
  return signal;
}
