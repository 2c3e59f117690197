import type { Suspect } from "./actions.ts";
import type { Observation } from "./observation.ts";
import type { Finding } from "./signal.ts";

export type Found = {
  finding: Finding;
  /** Whose it is, for whoever acts on it. */
  origin: Suspect | undefined;
};

export type Detectors = { judge(observation: Observation): readonly Found[] };

export const NOTHING: readonly Found[] = [];

export function openDetectors(): Detectors {
  return { judge: () => NOTHING };
}
