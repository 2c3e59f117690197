import type { KeySource } from "./ports.ts";

/** What admitted a token: the set of keys that its key was found in. */
export type Admission = { source: KeySource; in: object };

/** What a key admitted is verified anew once that key may have been taken away. */
export function isInUse({ source, in: keys }: Admission): boolean {
  return source.inUse() === keys;
}
