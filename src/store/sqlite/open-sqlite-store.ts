import type { Clock, Store } from "../../core/ports.ts";
import { connect } from "./connection.ts";
import { prepareDatabaseFile } from "./database-file.ts";
import { sqliteStore } from "./sqlite-store.ts";

export type SqliteStoreOptions = {
  /** The database file. It and its folder are made where they are missing. */
  path: string;
  /** The greatest lifetime of any token that a revocation must outlast, leeway included, in milliseconds. */
  greatestLifetimeMs: number;
  /** How long one operation may wait for another process, in milliseconds; 250 when absent. */
  timeoutMs?: number;
  /** This machine's clock when absent: all processes of a file share it. */
  clock?: Clock;
};

const DEFAULT_TIMEOUT_MS = 250;

/**
 * The embedded store: one file, which several processes of one host may share.
 * @throws StartError when the file cannot be used, is another program's, or another version's
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  prepareDatabaseFile(options.path);
  return sqliteStore(
    await connect({ ...options, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS }),
    options.clock ?? { now: () => Date.now() },
  );
}
