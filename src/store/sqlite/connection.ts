import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openSchema, refuseForeignDatabase, type SchemaOptions } from "./schema.ts";
import { isBusy, startError } from "./sqlite-error.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** What every transition works on. */
export type Connection = { database: DatabaseSync; statements: Statements };

/** How long a start waits for another process's transition, in milliseconds. */
const OPENING_BUSY_TIMEOUT_MS = 2_000;

/** Each commit is fsynced before it returns. `fullfsync` matters on macOS, whose fsync leaves data in the drive's cache. */
const DURABLE = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA trusted_schema = OFF;
`;

/** How long a start waits for others that start at once: SQLite does not wait by itself while a file is turned to WAL. */
const START_TIMEOUT_MS = 5_000;
const RETRY_MS = 20;

/**
 * Opens a file that `prepareDatabaseFile` has made, makes its tables or checks that they are ours; from then on the
 * connection only reads. In WAL mode a reader waits for no writer.
 * @throws StartError
 */
export async function openForReading(options: SchemaOptions): Promise<Connection & { incarnation: string }> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return open(options);
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) {
        throw startError(error, options.path);
      }
      await sleep(RETRY_MS);
    }
  }
}

/** @param busyMs how long an operation waits for other processes' */
export function openForWriting(path: string, busyMs: number): Connection {
  const database = new DatabaseSync(path, { timeout: busyMs });
  database.exec(DURABLE);
  return { database, statements: prepareStatements(database) };
}

function open(options: SchemaOptions): Connection & { incarnation: string } {
  const database = new DatabaseSync(options.path, { timeout: OPENING_BUSY_TIMEOUT_MS });
  try {
    refuseForeignDatabase(database, options.path);
    database.exec(`PRAGMA journal_mode = WAL; ${DURABLE}`);
    const incarnation = openSchema(database, options);
    // Whoever asks again does not hold up the thread while another process recovers the log of one that crashed.
    database.exec("PRAGMA query_only = ON; PRAGMA busy_timeout = 0");
    return { database, statements: prepareStatements(database), incarnation };
  } catch (error) {
    database.close();
    throw error;
  }
}
