import type { StoredKeyring } from "../../core/ports.ts";
import type { HeldRevocation } from "../../core/revocation-log.ts";

/** How many entries are remembered one by one: more than a failover loses. */
export const GREATEST_NOTED = 1_000;

/** A place in the log of an incarnation. */
export type Mark = { incarnation: string; id: string };

/** `root` names the first keyring: another root's keys know nothing of what this one's have made. */
export type KeptKeyring = StoredKeyring & { incarnation: string; root: string };

/** What this instance knows of the store, and could put back into one that has lost it. */
export type Kept = {
  /** Every revocation of the view that follows; nothing while none does. */
  held(): Iterable<HeldRevocation>;
  /** Up to where everything has been taken. Undefined before the first live set was read whole. */
  taken: Mark | undefined;
  /** Where this instance's own last revocation stands: the log may lose it before any follower has seen it. */
  appended: Mark | undefined;
  /** Entries of one log that were seen there, or appended by this instance, and are held. At most `GREATEST_NOTED`. */
  known: { incarnation: string; ids: Set<string> } | undefined;
  /** The latest keyring of a store that was read or swapped in. */
  keyring: KeptKeyring | undefined;
  /** The last store made in place of another to which this instance has given everything that it held. */
  putBackInto: string | undefined;
};

export function keepNothing(): Kept {
  return {
    held: () => [],
    taken: undefined,
    appended: undefined,
    known: undefined,
    keyring: undefined,
    putBackInto: undefined,
  };
}

/** Those that came first are forgotten first. */
export function noteKnown(kept: Kept, incarnation: string, ids: Iterable<string>): void {
  const known = kept.known?.incarnation === incarnation ? kept.known : { incarnation, ids: new Set<string>() };
  kept.known = known;
  for (const id of ids) known.ids.add(id);
  for (const id of known.ids) {
    if (known.ids.size <= GREATEST_NOTED) return;
    known.ids.delete(id);
  }
}

/** @returns of that incarnation */
export function knownOf({ known }: Kept, incarnation: string | undefined): readonly string[] {
  return known !== undefined && known.incarnation === incarnation ? [...known.ids] : [];
}
