import type { Clock, Store } from "../../core/ports.ts";
import { guardClock } from "./clock-guard.ts";
import { type Closure, closureOf } from "./closure.ts";
import { openForReading } from "./connection.ts";
import { prepareDatabaseFile } from "./database-file.ts";
import { monotonicMs } from "./monotonic.ts";
import { rememberFile } from "./opened-file.ts";
import { startError } from "./sqlite-error.ts";
import { sqliteStore } from "./sqlite-store.ts";
import type { SqliteStoreEvent } from "./store-event.ts";
import { startWriter, type Writer } from "./writer.ts";

export type SqliteStoreOptions = {
  /** The database file. It and its folder are made where they are missing. */
  path: string;
  /** The greatest lifetime of any token that a revocation must outlast, leeway included, in milliseconds. */
  greatestLifetimeMs: number;
  /** How long one operation may take before it fails, whatever holds it up, in milliseconds; 250 when absent. */
  timeoutMs?: number;
  log?: (event: SqliteStoreEvent) => void;
  /** This machine's clock when absent: all processes of a file share it. */
  clock?: Clock;
  /** What is compared with the monotonic clock and with the store's last heartbeat: this machine's clock when absent. */
  wallClock?: Clock;
};

const DEFAULT_TIMEOUT_MS = 250;
const SYSTEM_CLOCK: Clock = { now: () => Date.now() };

/**
 * The embedded store: one file, which several processes of one host may share.
 * @throws StartError when the file cannot be used, is another program's, or another version's
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, greatestLifetimeMs, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { log = () => undefined, wallClock = SYSTEM_CLOCK } = options;
  prepareDatabaseFile(path);
  const file = rememberFile(path);
  const { incarnation, ...reader } = await openForReading({ path, greatestLifetimeMs, now: wallClock.now() });
  const guarded = guardClock(() => wallClock.now(), monotonicMs);
  const { clock = guarded } = options;
  const closure = closureOf(file, guarded, log);
  try {
    const writer = await openWriter(path, timeoutMs, wallClock, closure);
    return sqliteStore({ path, incarnation, reader, writer, closure, clock, timeoutMs, log });
  } catch (error) {
    reader.database.close();
    throw startError(error, path);
  }
}

function openWriter(path: string, timeoutMs: number, wallClock: Clock, closure: Closure): Promise<Writer> {
  return startWriter({
    path,
    timeoutMs,
    wallClock,
    ended: (cause) => {
      const because = cause instanceof Error ? cause.message : String(cause);
      closure.shut(`The thread that writes the store file ${path} has ended (${because}): start Assay again.`);
    },
  });
}
