import type { KeyRecord } from "./key-record.ts";
import type { MasterKey } from "./master-key.ts";
import { openKey } from "./sealed-key.ts";
import { loadSecretKey, macKeyId } from "./secret-key.ts";
import { loadSigningKey, type SigningKeyPair } from "./signing-key.ts";

/** A key of the keyring, ready for use. It follows from its record's name, so it is opened once. */
export type LoadedKey =
  | ({ kind: "signing" } & SigningKeyPair)
  | { kind: "mac"; number: number; key: Buffer }
  | { kind: "data"; key: Buffer };

/** @throws Error, without anything of the key, when the record was sealed for another, or has been altered */
export async function loadKey(master: MasterKey, record: KeyRecord): Promise<LoadedKey> {
  const { kind, id } = record;
  try {
    const jwk = await openKey(master, record);
    if (kind === "signing") return { kind, ...(await loadSigningKey(id, jwk)) };
    const key = loadSecretKey(jwk);
    return kind === "data" ? { kind, key } : { kind, number: macKeyId(key), key };
  } catch {
    // Without the cause: an error may quote what it read.
    throw new Error(`the key ${id} of the keyring cannot be opened with ${master.id}: its record has been altered`);
  }
}
