/** What an operator does to the keyring from outside, also while instances run. */
import type { Store, StoredKeyring } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { decodeRecords, encodeRecords, type KeyKind, type KeyRecord } from "./key-record.ts";
import { makeRecords } from "./make-records.ts";
import { type MasterKeySource, readMasterKeys } from "./master-key.ts";
import { type KeyringPolicy, ofKind, successor } from "./plan-keyring.ts";
import { isSealedUnder } from "./ring.ts";
import { byActivation, type KeyState, removedAt, retiresAt, stateOf } from "./states.ts";

/** What may be said of a key: no material. */
export type KeyListing = {
  kind: KeyKind;
  /** By this name the key is revoked. */
  id: string;
  alg: string;
  state: KeyState;
  created: Date;
  activates: Date;
  /** Undefined while no successor is known. */
  retires?: Date;
  removed?: Date;
};

export type RotateOptions = {
  store: Pick<Store, "keyrings" | "clock">;
  master: MasterKeySource;
  policy: KeyringPolicy;
  kinds: ReadonlyArray<"signing" | "mac">;
};

/** Signing keys first, the newest first in each kind. @throws StartError where no keyring is */
export async function listKeyring({ keyrings, clock }: Pick<Store, "keyrings" | "clock">): Promise<KeyListing[]> {
  return listRecords((await readRecords(keyrings)).records, clock.now());
}

/** As `listKeyring`, of what was read already. @throws Error when it is not in the form that this version writes */
export function describeKeyring({ records }: StoredKeyring, now: number): KeyListing[] {
  return listRecords(decodeRecords(records), now);
}

function listRecords(records: readonly KeyRecord[], now: number): KeyListing[] {
  return (["signing", "mac", "data"] as const).flatMap((kind) => {
    const keys = ofKind(records, kind);
    return byActivation(keys)
      .toReversed()
      .map((key) => listing(key, keys, now));
  });
}

/**
 * Adds a key of each kind, which is published at once and used after `publishBeforeMs`.
 * @throws StartError where no keyring is, or the master key is not the one that seals it
 */
export async function rotateKeyring({ store, master, policy, kinds }: RotateOptions): Promise<KeyListing[]> {
  const { version, records } = await readRecords(store.keyrings);
  const { current } = await readMasterKeys(master);
  if (current === undefined || !isSealedUnder(records, current)) {
    throw new StartError(
      "The master key that seals the keyring is not here, so no key can be added to it. Name it in keys.master_key_file, or run this where an instance runs.",
    );
  }
  const now = Math.floor(store.clock.now());
  const made = await makeRecords(
    current,
    kinds.map((kind) => successor(kind, { now, policy })),
    now,
  );
  const all = [...records, ...made];
  if (!(await store.keyrings.swap(version, encodeRecords(all)))) {
    return rotateKeyring({ store, master, policy, kinds });
  }
  return made.map((key) => listing(key, ofKind(all, key.kind), now));
}

async function readRecords(store: Store["keyrings"]): Promise<{ version: number; records: KeyRecord[] }> {
  const { version, records } = await store.read();
  if (version > 0) return { version, records: decodeRecords(records) };
  throw new StartError("The store has no keyring yet. Start the service once, which makes one: assay serve");
}

function listing(key: KeyRecord, kind: readonly KeyRecord[], now: number): KeyListing {
  const [retires, removed] = [retiresAt(key, kind), removedAt(key, kind)];
  return {
    kind: key.kind,
    id: key.id,
    alg: key.alg,
    state: stateOf(key, kind, now),
    created: new Date(key.created),
    activates: new Date(key.activatesAt),
    ...(retires === undefined ? {} : { retires: new Date(retires) }),
    ...(removed === undefined ? {} : { removed: new Date(removed) }),
  };
}
