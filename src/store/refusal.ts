/** Why a store cannot be used, in the words of all stores. `where` names the store: a path, or host and port. */
import { SCHEMA_VERSION } from "./schema-version.ts";

/** What a store says of itself. */
export type StoreIdentity = { schemaVersion: number; incarnation: string };

/** @returns undefined when the store is of the version that we know, else a sentence. */
export function refusal({ schemaVersion }: StoreIdentity, where: string): string | undefined {
  if (schemaVersion > SCHEMA_VERSION) {
    return newerVersion(schemaVersion, where);
  }
  return schemaVersion < SCHEMA_VERSION ? olderVersion(schemaVersion, where) : undefined;
}

export function newerVersion(version: number, where: string): string {
  return (
    `The store at ${where} was written by a newer version of Assay (schema ${version}, this one knows ${SCHEMA_VERSION}). ` +
    "Start the newer version, or name another store in store.url."
  );
}

function olderVersion(version: number, where: string): string {
  return (
    `The store at ${where} was written by a version of Assay before its first release (schema ${version}, this one knows ${SCHEMA_VERSION}), and cannot be read any more. ` +
    "Remove it to begin anew, or name another store in store.url."
  );
}

export function damaged(what: string, where: string): string {
  return (
    `The store at ${where} has lost ${what}: revocations may be missing, so it stays closed. ` +
    "Restore it from a backup; or accept the loss with `assay store accept-loss`, which makes the store anew of what is left."
  );
}
