/** The keyring as one instance knows it: read at the start, read again when something may have changed. */
import { AssayError } from "../core/error.ts";
import { type DerivedKeys, deriveKeys } from "../core/derived-keys.ts";
import { type Opened, openFirstRing } from "./first-ring.ts";
import { KeyringConflict, readRing, type Ring, rootKeyOf } from "./ring.ts";
import { type KeyringOptions, tendRing } from "./tend-ring.ts";

export type KnownRing = Opened & { derived: DerivedKeys };

export type FollowedRing = {
  /** Undefined until it has been read, and while the store has one that it cannot have become. */
  known: () => KnownRing | undefined;
  /** Why it is not known any more. */
  conflict: () => string | undefined;
  /** Takes over what others have changed. @throws AssayError `store_unavailable`, KeyringConflict @throws StartError at the first time */
  read: () => Promise<void>;
  /** Reads, and makes the changes that are due. Throws as `read`. */
  tend: () => Promise<void>;
  /** Resolves when nothing is under way. */
  settled: () => Promise<void>;
};

const GREATEST_ATTEMPTS = 10;

export function followRing(options: KeyringOptions): FollowedRing {
  let opened: KnownRing | undefined;
  let conflict: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, so that none puts an older keyring in place of a newer one. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  }

  async function read(): Promise<KnownRing> {
    if (opened === undefined) {
      const first = await openFirstRing(options);
      opened = { ...first, derived: deriveKeys(rootKeyOf(first.ring)) };
    } else {
      opened = { ...opened, ring: await again(opened) };
    }
    conflict = undefined;
    return opened;
  }

  async function again({ masters, ring }: KnownRing): Promise<Ring> {
    try {
      return await readRing(options.store.keyrings, masters, ring);
    } catch (error) {
      if (error instanceof KeyringConflict) conflict = error.message;
      throw error;
    }
  }

  async function tend(): Promise<void> {
    for (let attempt = 0; attempt < GREATEST_ATTEMPTS; attempt += 1) {
      const { derived, ...current } = await read();
      if (!(await tendRing(options, current, derived))) return;
    }
    throw new AssayError("store_unavailable", "the keys of this deployment change without end; retry");
  }

  return {
    known: () => (conflict === undefined ? opened : undefined),
    conflict: () => conflict,
    read: async () => void (await inTurn(read)),
    tend: () => inTurn(tend),
    settled: () =>
      last.then(
        () => undefined,
        () => undefined,
      ),
  };
}
