/** What an instance knows of the keyring in the store. */
import type { KeyringStore } from "../core/ports.ts";
import { decodeRecords, type KeyRecord } from "./key-record.ts";
import { type LoadedKey, loadKey } from "./loaded-key.ts";
import type { MasterKey } from "./master-key.ts";
import { sealedUnder } from "./sealed-key.ts";

export type Ring = {
  version: number;
  /** As the store holds them. */
  text: string;
  records: readonly KeyRecord[];
  /** By the record's id. One whose master key is not here is missing. */
  keys: ReadonlyMap<string, LoadedKey>;
};

/** The keyring in the store is not one that the known one can have become. Its message says how to mend that. */
export class KeyringConflict extends Error {}

export type MasterKeys = { current: MasterKey; previous: MasterKey | undefined };

/**
 * The keyring as the store holds it now. Keys that are loaded already are not opened again.
 * @throws AssayError `store_unavailable`
 * @throws KeyringConflict when the store has gone back to an older keyring, in which a revoked key may be alive, or has another
 */
export async function readRing(store: KeyringStore, masters: MasterKeys, known: Ring | undefined): Promise<Ring> {
  const { version, records: text } = await store.read();
  if (known?.version === version && known.text === text) return known;
  const records = decodeRecords(text);
  if (known !== undefined && rootIdOf(records) !== rootIdOf(known.records)) {
    throw new KeyringConflict(
      "the keyring in the store is another one, made anew: nothing that this instance knows of tokens and revocations means anything under its keys. " +
        "Bring the former store back, or start this instance again to go on with the new one",
    );
  }
  if (known?.version === version) {
    throw new KeyringConflict(
      "the keyring in the store is not the one of the same version that this instance uses: the store has gone back in time, and another instance has changed its keys since. " +
        "Find out which instances know which keys, then start those again that are not to keep theirs",
    );
  }
  if (known !== undefined && version < known.version) {
    throw new KeyringConflict(
      "the keyring in the store is older than the one that this instance uses: the store has gone back in time",
    );
  }
  const keys = new Map<string, LoadedKey>();
  for (const record of records) {
    const master = masterOf(record, masters);
    const key = known?.keys.get(record.id) ?? (master && (await loadKey(master, record)));
    if (key !== undefined) keys.set(record.id, key);
  }
  return { version, text, records, keys };
}

/** Whether every key is sealed under the current master key, so that one more would fit. */
export function isSealedUnder(records: readonly KeyRecord[], master: MasterKey): boolean {
  return records.every((record) => sealedUnder(record) === master.id);
}

/** What all other keys of the deployment that never change are derived from. */
export function rootKeyOf({ keys }: Ring): Buffer {
  const root = keys.values().find(({ kind }) => kind === "data");
  if (root?.kind !== "data") throw new Error("the keyring in the store has no root key");
  return root.key;
}

/** It is made with the keyring, and stays. */
function rootIdOf(records: readonly KeyRecord[]): string | undefined {
  return records.find(({ kind }) => kind === "data")?.id;
}

function masterOf(record: KeyRecord, { current, previous }: MasterKeys): MasterKey | undefined {
  const name = sealedUnder(record);
  return [current, previous].find((master) => master?.id === name);
}
