/** What has become of a token by the time it is asked about. */
export type Fate = "alive" | "expired" | "revoked";

/** One in a hundred is no longer good, and must come back inactive: a fast wrong answer is no answer. */
const EVERY = 200;

/** Of the token at this place in the rotation. */
export function fateOf(index: number): Fate {
  if (index % EVERY === EVERY / 4) return "expired";
  return index % EVERY === EVERY - EVERY / 4 ? "revoked" : "alive";
}
