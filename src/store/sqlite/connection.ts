import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openSchema, refuseForeignDatabase, type SchemaOptions } from "./schema.ts";
import { isBusy, startError } from "./sqlite-error.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** What every transition works on. */
export type Connection = { database: DatabaseSync; statements: Statements; incarnation: string };

/** How long a transition waits for another process's, in milliseconds. */
const BUSY_TIMEOUT_MS = 2_000;

/** Each commit is fsynced before it returns. `fullfsync` matters on macOS, whose fsync leaves data in the drive's cache. */
const DURABLE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA trusted_schema = OFF;
`;

/** How long a start waits for others that start at once: SQLite does not wait by itself while a file is turned to WAL. */
const START_TIMEOUT_MS = 5_000;
const RETRY_MS = 20;

/** Opens a file that `prepareDatabaseFile` has made. @throws StartError */
export async function connect(options: SchemaOptions): Promise<Connection> {
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

function open(options: SchemaOptions): Connection {
  const database = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS });
  try {
    refuseForeignDatabase(database, options.path);
    database.exec(DURABLE);
    const incarnation = openSchema(database, options);
    return { database, statements: prepareStatements(database), incarnation };
  } catch (error) {
    database.close();
    throw error;
  }
}
