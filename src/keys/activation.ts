/** Between a key's creation and its first use, in milliseconds: time for every instance and follower to publish it. */
export const ACTIVATION_DELAY = 60_000;

export type KeyState = "next" | "active" | "published";

/** `created` in milliseconds. */
type Dated = { created: number };

/** The newest key that has been published long enough; where none has, the oldest, so that a first key is active at once. */
export function activeOf<Key extends Dated>(keys: readonly Key[], now: number): Key | undefined {
  const byAge = keys.toSorted((a, b) => a.created - b.created);
  return byAge.findLast((key) => key.created + ACTIVATION_DELAY <= now) ?? byAge[0];
}

export function stateOf(key: Dated, active: Dated | undefined): KeyState {
  if (key === active) return "active";
  return active !== undefined && key.created > active.created ? "next" : "published";
}
