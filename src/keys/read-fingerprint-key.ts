import { deriveKeys } from "../core/derived-keys.ts";
import type { KeyringStore } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { type MasterKeySource, readMasterKeys } from "./master-key.ts";
import { readRing, rootKeyOf } from "./ring.ts";

/** The key of fingerprints, for who holds the master key. Changes nothing. @throws StartError where it is not to be had */
export async function readFingerprintKey(keyrings: KeyringStore, source: MasterKeySource): Promise<Buffer> {
  const { current, previous } = await readMasterKeys(source);
  if (current === undefined) throw withoutMasterKey();
  if ((await keyrings.read()).version === 0)
    throw new StartError("The store has no keyring yet. Start the service once, which makes one: assay serve");
  const ring = await readRing(keyrings, { current, previous }, undefined);
  if (ring.records.some(({ id }) => !ring.keys.has(id))) throw withoutMasterKey();
  return deriveKeys(rootKeyOf(ring)).fingerprint;
}

function withoutMasterKey(): StartError {
  return new StartError(
    "The master key that seals the keyring is not here, and fingerprints are made with what it seals. Name it in keys.master_key_file, or run this where an instance runs.",
  );
}
