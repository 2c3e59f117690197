import type { Finding } from "./signal.ts";

/** What a detector has seen, before it is said about whom. */
export type Sighting = Pick<Finding, "kind" | "severity" | "detail" | "count" | "windowMs">;

/** The usual result. */
export const NONE: readonly Sighting[] = [];

export function present(sightings: readonly (Sighting | undefined)[]): readonly Sighting[] {
  const seen = sightings.filter((one) => one !== undefined);
  return seen.length === 0 ? NONE : seen;
}
