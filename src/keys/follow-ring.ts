/** The keyring as one instance knows it: read at the start, read again when something may have changed. */
import { AssayError } from "../core/error.ts";
import { type DerivedKeys, deriveKeys } from "../core/derived-keys.ts";
import { type Opened, openFirstRing } from "./first-ring.ts";
import { readRing, type Ring } from "./ring.ts";
import { type KeyringOptions, tendRing } from "./tend-ring.ts";

export type KnownRing = Opened & { derived: DerivedKeys };

export type FollowedRing = {
  /** Undefined until it has been read. */
  known: () => KnownRing | undefined;
  /** When it was last asked for with success, in milliseconds of `performance.now`. */
  askedAt: () => number | undefined;
  /** Takes over what others have changed. @throws AssayError `store_unavailable` @throws StartError at the first time */
  read: () => Promise<void>;
  /** Reads, and makes the changes that are due. Throws as `read`. */
  tend: () => Promise<void>;
  /** Resolves when nothing is under way. */
  settled: () => Promise<void>;
};

const GREATEST_ATTEMPTS = 10;

export function followRing(options: KeyringOptions): FollowedRing {
  let opened: KnownRing | undefined;
  let askedAt: number | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other, so that none puts an older keyring in place of a newer one. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  }

  async function read(): Promise<KnownRing> {
    const at = performance.now();
    if (opened === undefined) {
      const first = await openFirstRing(options);
      opened = { ...first, derived: deriveKeys(rootOf(first.ring)) };
    } else {
      opened = { ...opened, ring: await readRing(options.store.keyrings, opened.masters, opened.ring) };
    }
    askedAt = at;
    return opened;
  }

  async function tend(): Promise<void> {
    for (let attempt = 0; attempt < GREATEST_ATTEMPTS; attempt += 1) {
      const { derived, ...current } = await read();
      if (!(await tendRing(options, current, derived))) return;
    }
    throw new AssayError("store_unavailable", "the keys of this deployment change without end; retry");
  }

  return {
    known: () => opened,
    askedAt: () => askedAt,
    read: async () => void (await inTurn(read)),
    tend: () => inTurn(tend),
    settled: () =>
      last.then(
        () => undefined,
        () => undefined,
      ),
  };
}

function rootOf({ keys }: Ring): Buffer {
  const root = keys.values().find(({ kind }) => kind === "data");
  if (root?.kind !== "data") throw new Error("the keyring in the store has no root key");
  return root.key;
}
