/** How an instance comes by its keyring: it makes the first, or opens the one that is there. */
import type { Store } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { encodeRecords, type KeyRecord } from "./key-record.ts";
import { formerKeyFiles } from "./key-directory.ts";
import type { KeyLog } from "./key-log.ts";
import { makeRecords } from "./make-records.ts";
import { makeMasterKey, type MasterKey, type MasterKeySource, readMasterKeys } from "./master-key.ts";
import { firstKeys, type KeyringPolicy } from "./plan-keyring.ts";
import { isSealedUnder, type MasterKeys, readRing, type Ring } from "./ring.ts";
import { openKey, sealedUnder, sealKey } from "./sealed-key.ts";

export type FirstRingOptions = {
  store: Pick<Store, "keyrings" | "clock">;
  master: MasterKeySource;
  policy: KeyringPolicy;
  log?: KeyLog | undefined;
};

export type Opened = { ring: Ring; masters: MasterKeys };

/** Two instances that have each other's master key as the former one must not seal in turns for ever. */
const GREATEST_SEALINGS = 5;

/**
 * Of instances that start at once on a new store exactly one makes the keys; all of them get those.
 * @throws StartError when the master key is missing, unfit or another keyring's
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function openFirstRing(options: FirstRingOptions, sealings = GREATEST_SEALINGS): Promise<Opened> {
  const found = await readMasterKeys(options.master);
  const { keyrings } = options.store;
  if ((await keyrings.read()).version === 0) await makeFirst(options, found.current);
  const masters = { ...found, current: found.current ?? (await masterOfExisting(options)) };
  const ring = await readRing(keyrings, masters, undefined);
  requireAllOpen(ring, masters);
  if (sealings === 0 || isSealedUnder(ring.records, masters.current)) return { ring, masters };
  await sealAnew(options, ring, masters);
  // Whoever won, the records are read again: another instance may have changed them.
  return openFirstRing(options, sealings - 1);
}

async function makeFirst({ store, master: source, policy, log }: FirstRingOptions, found: MasterKey | undefined) {
  await refuseFormerFiles(source);
  const master = found ?? (await makeMasterKey(source.dir));
  const now = Math.floor(store.clock.now());
  const records = await makeRecords(master, firstKeys({ now, policy, revoked: new Set(), maySeal: true }), now);
  if (!(await store.keyrings.swap(0, encodeRecords(records)))) return;
  log?.info({ keys: records.map(({ id }) => id), master: master.id }, "made the first keys");
}

/** Where the keyring was made a moment ago by this process or another of this machine. */
async function masterOfExisting({ master: source }: FirstRingOptions): Promise<MasterKey> {
  const { current } = await readMasterKeys(source);
  if (current !== undefined) return current;
  throw new StartError(
    `The store has a keyring, but the master key that opens it is not here: there is no ${source.dir}/master.key. Copy it from another instance, or name it in keys.master_key_file.`,
  );
}

function requireAllOpen({ records, keys }: Ring, { current, previous }: MasterKeys): void {
  const closed = records.find(({ id }) => !keys.has(id));
  if (closed === undefined) return;
  const given = previous === undefined ? current.id : `${current.id} and ${previous.id}`;
  throw new StartError(
    `The keyring in the store is sealed under another master key (${sealedUnder(closed)}) than the one given (${given}). Give this instance the deployment's master key, name the former one in keys.previous_master_key_file, or name another store in store.url.`,
  );
}

async function sealAnew({ store, log }: FirstRingOptions, { version, records }: Ring, masters: MasterKeys) {
  const sealed = await Promise.all(records.map(async (record) => sealedByCurrent(record, masters)));
  if (!(await store.keyrings.swap(version, encodeRecords(sealed)))) return;
  log?.info({ master: masters.current.id }, "sealed all keys anew under the new master key");
}

async function sealedByCurrent(record: KeyRecord, { current, previous }: MasterKeys): Promise<KeyRecord> {
  if (previous === undefined || sealedUnder(record) === current.id) return record;
  return { ...record, sealed: await sealKey(current, record, await openKey(previous, record)) };
}

/** They would be taken for the keys that serve, and are not. */
async function refuseFormerFiles({ dir }: MasterKeySource): Promise<void> {
  const [file] = await formerKeyFiles(dir);
  if (file === undefined) return;
  throw new StartError(
    `The key directory ${dir} holds ${file}, a key file of a version of Assay before its first release. Signing and MAC keys lie in the store now: remove the files signing-*.jwk and mac-*.key.`,
  );
}
