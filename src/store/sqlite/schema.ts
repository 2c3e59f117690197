import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { StartError } from "../../core/start-error.ts";
import { damaged, refusal, type StoreIdentity } from "../refusal.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { integer, text } from "./row.ts";
import { immediately } from "./transaction.ts";

/** `now`: this machine's wall clock. */
export type SchemaOptions = { path: string; greatestLifetimeMs: number; now: number };

/** By how much the clock of a start may be behind that of the last instance. */
const TOLERATED_MS = 5 * 60_000;

/** "asay" in the file's header: tells our files from other programs'. */
const APPLICATION_ID = 0x61736179;

const TABLES = `
  CREATE TABLE IF NOT EXISTS meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version INTEGER NOT NULL,
    incarnation TEXT NOT NULL,
    greatest_lifetime_ms INTEGER NOT NULL,
    log_trimmed_to INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS revocation_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    cut_off INTEGER,
    keep_until INTEGER,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS live_revocations (
    digest BLOB PRIMARY KEY,
    cut_off INTEGER,
    keep_until INTEGER,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS live_revocations_by_expiry ON live_revocations (keep_until) WHERE keep_until IS NOT NULL;
  CREATE TABLE IF NOT EXISTS families (
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
  CREATE INDEX IF NOT EXISTS families_by_expiry ON families (expires_at);
  CREATE TABLE IF NOT EXISTS opaque_tokens (
    digest BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS opaque_tokens_by_expiry ON opaque_tokens (expires_at);
  CREATE TABLE IF NOT EXISTS replays (
    key BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    request BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS replays_by_expiry ON replays (expires_at);
  CREATE TABLE IF NOT EXISTS keyring (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    records TEXT NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO keyring VALUES (1, 0, '');
  CREATE TABLE IF NOT EXISTS heartbeat (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at INTEGER NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO heartbeat VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS healings (
    number INTEGER PRIMARY KEY,
    from_at INTEGER NOT NULL,
    to_position INTEGER NOT NULL,
    to_at INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
`;

/**
 * What may be lost: a file that lacks it gets it when it is opened, and it is no reason to refuse one. Ids ascend from row to row, each by one.
 */
const LOSABLE_TABLES = `
  CREATE TABLE IF NOT EXISTS networks (
    id INTEGER PRIMARY KEY,
    token BLOB NOT NULL,
    half INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sketch BLOB NOT NULL,
    UNIQUE (token, half)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS networks_by_expiry ON networks (expires_at);
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
    } else if (lostTables(database).length > 0) {
      throw new StartError(damaged("a part of itself", options.path));
    }
    const identity = readIdentity(database, options.path);
    const sentence = refusal(identity, options.path);
    if (sentence !== undefined) {
      throw new StartError(sentence);
    }
    refuseEarlier(database, options);
    database.exec(LOSABLE_TABLES);
    database
      .prepare("UPDATE meta SET greatest_lifetime_ms = ?1 WHERE greatest_lifetime_ms < ?1")
      .run(options.greatestLifetimeMs);
    return identity.incarnation;
  });
}

/** With a clock that is behind, revocations that are yet to be judged by it would look as if they had not begun. */
function refuseEarlier(database: DatabaseSync, { path, now }: SchemaOptions): void {
  const row = database.prepare("SELECT at FROM heartbeat").get();
  const at = row === undefined ? 0 : integer(row, "at");
  if (at > now + TOLERATED_MS) {
    throw new StartError(
      `The store file ${path} was last written at ${new Date(at).toISOString()}, which is still to come by this machine's clock (${new Date(now).toISOString()}). ` +
        "Set the clock right, then start again.",
    );
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return integer(database.prepare("SELECT count(*) AS objects FROM sqlite_schema").get() ?? {}, "objects") === 0;
}

/** The tables that a store has, and that this file lacks. */
export function lostTables(database: DatabaseSync): string[] {
  const present = new Set(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map((row) => text(row, "name")),
  );
  return [...TABLES.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !present.has(name));
}

/** Those that are missing, and no others. */
export function makeTables(database: DatabaseSync): void {
  database.exec(TABLES);
  database.exec(LOSABLE_TABLES);
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
