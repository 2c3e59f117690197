import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { AssayError } from "../error.ts";
import { fingerprintOfNetwork, fingerprintsOf } from "../fingerprint.ts";
import { actionFor } from "./actions.ts";
import type { Found } from "./detectors.ts";
import type { Signal } from "./signal.ts";

/** Tells what was found, with fingerprints of this period, and has done what follows from it by itself. @param caller absent where nothing may */
export function report(
  environment: Environment,
  caller: Caller | undefined,
  { finding, origin, network, isSaid = false }: Found,
): Signal {
  const traceable = {
    ...finding,
    ...(origin === undefined ? {} : fingerprintsOf(environment, origin)),
    ...(network === undefined ? {} : ofNetwork(environment, network)),
  };
  const act = caller === undefined ? undefined : actionFor(environment.actions, caller, finding, origin, isSaid);
  if (act === undefined) return environment.signals.emit(traceable);
  const signal = environment.signals.emit({ ...traceable, action: act.action });
  environment.takeAction(act);
  return signal;
}

/** A verifier that has joined nobody yet has no keys, and answers whoever sends it garbage all the same. */
function ofNetwork(environment: Environment, network: string): Pick<Signal, "networkFingerprint"> {
  try {
    return { networkFingerprint: fingerprintOfNetwork(environment, network) };
  } catch (error) {
    if (error instanceof AssayError && error.code === "keys_unavailable") return {};
    throw error;
  }
}
