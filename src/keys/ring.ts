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

export type MasterKeys = { current: MasterKey; previous: MasterKey | undefined };

/**
 * The keyring as the store holds it now. Keys that are loaded already are not opened again.
 * @throws AssayError `store_unavailable`
 * @throws Error when the store has gone back to an older keyring: one in which a revoked key may be alive
 */
export async function readRing(store: KeyringStore, masters: MasterKeys, known: Ring | undefined): Promise<Ring> {
  const { version, records: text } = await store.read();
  if (known?.version === version && known.text === text) return known;
  if (known?.version === version) {
    throw new Error(
      "the keyring in the store is not the one of the same version that this instance uses: the store has gone back in time, and another instance has changed its keys since. " +
        "Find out which instances know which keys, then start those again that are not to keep theirs",
    );
  }
  if (known !== undefined && version < known.version) {
    throw new Error(
      "the keyring in the store is older than the one that this instance uses: the store has gone back in time",
    );
  }
  const records = decodeRecords(text);
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

function masterOf(record: KeyRecord, { current, previous }: MasterKeys): MasterKey | undefined {
  const name = sealedUnder(record);
  return [current, previous].find((master) => master?.id === name);
}
