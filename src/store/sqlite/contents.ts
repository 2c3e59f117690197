import type { DatabaseSync } from "node:sqlite";
import type { StoredKeyring } from "../../core/ports.ts";
import { integer, type Row, text } from "./row.ts";
import { lostTables } from "./schema.ts";

/** What lies in a store file, `absent` being nothing at all. */
export type SqliteContents =
  | { store: "absent" }
  /** What of it has gone, in words. */
  | { store: "damaged"; lost: readonly string[] }
  | {
      store: "whole";
      incarnation: string;
      schemaVersion: number;
      live: number;
      /** Entries of the log, and up to where it was trimmed: 0 when it never was. */
      logged: number;
      trimmedTo: number;
      /** How often instances put back what the store had lost. */
      healed: number;
      /** By this machine's clock of then, milliseconds; 0 when no instance has written yet. */
      heartbeatAt: number;
      /** Undefined before the first instance has made one. */
      keyring: StoredKeyring | undefined;
    };

export function readContents(database: DatabaseSync): SqliteContents {
  const one = (statement: string): Row | undefined => database.prepare(statement).get();
  const count = (table: string): number => integer(one(`SELECT count(*) AS count FROM ${table}`) ?? {}, "count");
  const lost = lostTables(database).map((name) => `the table ${name}`);
  const meta = lost.includes("the table meta") ? undefined : one("SELECT * FROM meta");
  if (meta === undefined) return { store: "damaged", lost: [...lost, "its description of itself"] };
  if (lost.length > 0) return { store: "damaged", lost };
  const later = new Set(
    database
      .prepare("SELECT name FROM sqlite_schema")
      .all()
      .map((row) => text(row, "name")),
  );
  const heartbeat = later.has("heartbeat") ? one("SELECT at FROM heartbeat") : undefined;
  return {
    store: "whole",
    incarnation: text(meta, "incarnation"),
    schemaVersion: integer(meta, "schema_version"),
    live: count("live_revocations"),
    logged: count("revocation_log"),
    trimmedTo: integer(meta, "log_trimmed_to"),
    healed: later.has("healings") ? count("healings") : 0,
    heartbeatAt: heartbeat === undefined ? 0 : integer(heartbeat, "at"),
    keyring: keyringIn(one("SELECT version, records FROM keyring")),
  };
}

function keyringIn(row: Row | undefined): StoredKeyring | undefined {
  const version = row === undefined ? 0 : integer(row, "version");
  return row === undefined || version === 0 ? undefined : { version, records: text(row, "records") };
}
