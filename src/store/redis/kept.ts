import type { StoredKeyring } from "../../core/ports.ts";
import type { HeldRevocation } from "../../core/revocation-log.ts";
import { isAfter } from "./taken.ts";

/** How many entries are remembered one by one. */
export const GREATEST_NOTED = 1_000;

/** A place in the log of an incarnation. */
export type Mark = { incarnation: string; id: string };

/** What this instance knows of the store, and could put back into one that has lost it. */
export type Kept = {
  /** Every revocation of the view that follows; nothing while none does. */
  held(): Iterable<HeldRevocation>;
  /** Up to where everything has been taken. Undefined before the first live set was read whole. */
  taken: Mark | undefined;
  /** Where this instance's own last revocation stands: the log may lose it before any follower has seen it. */
  appended: Mark | undefined;
  /** All of this instance's own that were not seen to be taken, oldest first. At most `GREATEST_NOTED`. */
  ownUntaken: readonly Mark[];
  /** The latest keyring of a store that was read or swapped in. */
  keyring: (StoredKeyring & { incarnation: string }) | undefined;
};

export function keepNothing(): Kept {
  return { held: () => [], taken: undefined, appended: undefined, ownUntaken: [], keyring: undefined };
}

/** Those of an incarnation that lie beyond what was taken of it. */
export function notTaken(marks: readonly Mark[], taken: Mark | undefined): readonly Mark[] {
  return marks.filter(({ incarnation, id }) => incarnation !== taken?.incarnation || isAfter(id, taken.id));
}
