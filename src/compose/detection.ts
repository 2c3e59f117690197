import type { Config } from "../config/schema.ts";
import type { SharedKeys } from "../core/derived-keys.ts";
import type { Environment } from "../core/environment.ts";
import type { NetworkStore } from "../core/ports.ts";
import { type Detectors, openDetectors, type SeenElsewhere } from "../core/signals/detectors.ts";
import { networksElsewhere } from "../core/signals/networks-elsewhere.ts";
import { report } from "../core/signals/report.ts";
import { detectorRules } from "./detector-rules.ts";

/** A verifier's questions count against its limits at its authority. */
const QUESTIONS_AT_ONCE = 4;

export type Detection = {
  detectors: Detectors;
  /** What all instances have seen together is told by the latest of these. */
  tellBy(environment: Environment): void;
};

/** Detectors of this process, which counts networks together with all other instances. */
export function openDetection(
  config: Config,
  { keys, store }: { keys: SharedKeys; store: { networks: NetworkStore } },
): Detection {
  const rules = detectorRules(config);
  let environment: Environment | undefined;
  const networks = networksElsewhere<SeenElsewhere>({
    store: store.networks,
    keys,
    windowMs: rules.token_in_many_networks.windowMs,
    atOnce: QUESTIONS_AT_ONCE,
    counted({ observation }, count) {
      if (environment === undefined) return;
      // No action follows: any one of the verifiers that count could lie.
      for (const found of detectors.networksCounted(observation, count)) report(environment, undefined, found);
    },
  });
  const detectors = openDetectors({ rules, keys, networks });
  return {
    detectors,
    tellBy(next) {
      environment = next;
    },
  };
}
