/** Why a store cannot be used, in the words of all stores. `where` names the store: a path, or host and port. */
import { timingSafeEqual } from "node:crypto";
import { SCHEMA_VERSION } from "./schema-version.ts";

/** What a store says of itself. */
export type StoreIdentity = { schemaVersion: number; incarnation: string; keyCheck: Buffer };

/** @returns undefined when the store is ours and of a version we know, else a sentence. */
export function refusal(identity: StoreIdentity, keyCheck: Buffer, where: string): string | undefined {
  if (identity.schemaVersion > SCHEMA_VERSION) {
    return newerVersion(identity.schemaVersion, where);
  }
  if (identity.keyCheck.length !== keyCheck.length || !timingSafeEqual(identity.keyCheck, keyCheck)) {
    return (
      `keys.dir does not belong to this store: ${where} was written under another master key. ` +
      "Restore the keys directory that belongs to it, or name another store in store.url."
    );
  }
  return undefined;
}

export function newerVersion(version: number, where: string): string {
  return (
    `The store at ${where} was written by a newer version of Assay (schema ${version}, this one knows ${SCHEMA_VERSION}). ` +
    "Start the newer version, or name another store in store.url."
  );
}

export function damaged(what: string, where: string): string {
  return (
    `The store at ${where} has lost ${what}: revocations may be missing, so it stays closed. ` +
    "Restore it from a backup, or name an empty store in store.url."
  );
}
