/** What only an operator decides: that a store is to be there, and that what it has lost is lost. */
import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { refusal } from "../refusal.ts";
import { StartError } from "../../core/start-error.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { openForReading } from "./connection.ts";
import { prepareDatabaseFile } from "./database-file.ts";
import { integer, text } from "./row.ts";
import { lostTables, makeTables, refuseForeignDatabase, type SchemaOptions } from "./schema.ts";
import { startError } from "./sqlite-error.ts";
import { immediately } from "./transaction.ts";

const BUSY_MS = 2_000;

const LIVE_FROM_LOG = `
  INSERT OR REPLACE INTO live_revocations SELECT digest, cut_off, keep_until, sealed FROM revocation_log ORDER BY position
`;

/**
 * Makes a store where there is none.
 * @returns its incarnation, and whether it was made now
 * @throws StartError where there is one that cannot be used
 */
export async function initSqliteStore(
  options: SchemaOptions & { isThere: boolean },
): Promise<{ incarnation: string; isNew: boolean }> {
  prepareDatabaseFile(options.path);
  const { database, incarnation } = await openForReading(options);
  // Whoever may write leaves one file behind.
  database.exec("PRAGMA query_only = OFF");
  database.close();
  return { incarnation, isNew: !options.isThere };
}

/**
 * Makes the store anew of what is left of one that lost a part: what is missing is empty then, and its incarnation another.
 * @returns undefined when nothing is missing: then nothing was done
 * @throws StartError when it is another program's or another version's, or broken
 */
export function acceptSqliteLoss(options: SchemaOptions): { incarnation: string } | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(options.path, { timeout: BUSY_MS });
    refuseForeignDatabase(database, options.path);
    return makeAnew(database, options);
  } catch (error) {
    throw startError(error, options.path);
  } finally {
    database?.close();
  }
}

function makeAnew(
  database: DatabaseSync,
  { path, greatestLifetimeMs }: SchemaOptions,
): { incarnation: string } | undefined {
  database.exec("PRAGMA synchronous = FULL");
  return immediately(database, () => {
    const lost = lostTables(database);
    makeTables(database);
    const held = database.prepare("SELECT schema_version, incarnation, greatest_lifetime_ms FROM meta").get();
    const sentence =
      held && refusal({ schemaVersion: integer(held, "schema_version"), incarnation: text(held, "incarnation") }, path);
    if (sentence !== undefined) throw new StartError(sentence);
    if (held !== undefined && lost.length === 0) return undefined;
    // The log says again what it still holds; its last entry for a digest is the strongest.
    if (lost.includes("live_revocations")) database.exec(LIVE_FROM_LOG);
    const incarnation = randomUUID();
    const greatest = Math.max(greatestLifetimeMs, held === undefined ? 0 : integer(held, "greatest_lifetime_ms"));
    database
      .prepare("INSERT OR REPLACE INTO meta SELECT 1, ?, ?, ?, coalesce(min(position) - 1, 0) FROM revocation_log")
      .run(SCHEMA_VERSION, incarnation, greatest);
    return { incarnation };
  });
}
