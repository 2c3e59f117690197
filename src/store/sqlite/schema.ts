import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { StartError } from "../../core/start-error.ts";
import { damaged, refusal, type StoreIdentity } from "../refusal.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { integer, text } from "./row.ts";
import { immediately } from "./transaction.ts";

export type SchemaOptions = { path: string; greatestLifetimeMs: number };

/** "asay" in the file's header: tells our files from other programs'. */
const APPLICATION_ID = 0x61736179;

const TABLES = `
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    greatest_lifetime_ms INTEGER NOT NULL,
    log_trimmed_to INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE revocation_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    cut_off INTEGER,
    keep_until INTEGER,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE live_revocations (
    digest BLOB PRIMARY KEY,
    cut_off INTEGER,
    keep_until INTEGER,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX live_revocations_by_expiry ON live_revocations (keep_until) WHERE keep_until IS NOT NULL;
  CREATE TABLE families (
    id BLOB PRIMARY KEY,
    generation INTEGER NOT NULL,
    mac_key_id INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    request BLOB NOT NULL,
    context BLOB NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX families_by_expiry ON families (expires_at);
  CREATE TABLE opaque_tokens (
    digest BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX opaque_tokens_by_expiry ON opaque_tokens (expires_at);
  CREATE TABLE replays (
    key BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    request BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX replays_by_expiry ON replays (expires_at);
  CREATE TABLE keyring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    records TEXT NOT NULL
  ) STRICT;
  INSERT INTO keyring VALUES (1, 0, '');
  PRAGMA application_id = ${APPLICATION_ID};
`;

/** Refuses a database of another program before anything is changed in it. @throws StartError */
export function refuseForeignDatabase(database: DatabaseSync, path: string): void {
  // In this order: whoever makes the tables meanwhile sets the id in the same transaction.
  if (isEmpty(database)) {
    return;
  }
  if (integer(database.prepare("PRAGMA application_id").get() ?? {}, "application_id") !== APPLICATION_ID) {
    throw new StartError(
      `The file ${path} is a database of another program. Name another file in store.url; Assay creates it.`,
    );
  }
}

/**
 * Makes the tables in an empty database, else checks that they are ours; then raises the greatest lifetime, never lowers it.
 * @returns the store's incarnation
 * @throws StartError
 */
export function openSchema(database: DatabaseSync, options: SchemaOptions): string {
  return immediately(database, () => {
    if (isEmpty(database)) {
      create(database, options);
    }
    const identity = readIdentity(database, options.path);
    const sentence = refusal(identity, options.path);
    if (sentence !== undefined) {
      throw new StartError(sentence);
    }
    database
      .prepare("UPDATE meta SET greatest_lifetime_ms = ?1 WHERE greatest_lifetime_ms < ?1")
      .run(options.greatestLifetimeMs);
    return identity.incarnation;
  });
}

function isEmpty(database: DatabaseSync): boolean {
  return integer(database.prepare("SELECT count(*) AS objects FROM sqlite_schema").get() ?? {}, "objects") === 0;
}

function create(database: DatabaseSync, options: SchemaOptions): void {
  database.exec(TABLES);
  database
    .prepare("INSERT INTO meta VALUES (1, ?, ?, ?, 0)")
    .run(SCHEMA_VERSION, randomUUID(), options.greatestLifetimeMs);
}

function readIdentity(database: DatabaseSync, path: string): StoreIdentity {
  const row = database.prepare("SELECT schema_version, incarnation FROM meta").get();
  if (row === undefined) {
    throw new StartError(damaged("its description of itself", path));
  }
  return {
    schemaVersion: integer(row, "schema_version"),
    incarnation: text(row, "incarnation"),
  };
}
