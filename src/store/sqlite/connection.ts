import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { type OpenedFile, rememberFile } from "./opened-file.ts";
import { openSchema, refuseForeignDatabase, type SchemaOptions } from "./schema.ts";
import { isBusy, startError } from "./sqlite-error.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** `timeoutMs`: how long an operation waits for another process's. Nothing else is answered meanwhile. */
export type ConnectionOptions = SchemaOptions & { timeoutMs: number };

/** What every transition works on. */
export type Connection = { database: DatabaseSync; file: OpenedFile; statements: Statements; incarnation: string };

/** How long a start waits for another process's transition, in milliseconds. */
const OPENING_BUSY_TIMEOUT_MS = 2_000;

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
export async function connect(options: ConnectionOptions): Promise<Connection> {
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

function open(options: ConnectionOptions): Connection {
  const file = rememberFile(options.path);
  const database = new DatabaseSync(options.path, { timeout: OPENING_BUSY_TIMEOUT_MS });
  try {
    refuseForeignDatabase(database, options.path);
    database.exec(DURABLE);
    const incarnation = openSchema(database, options);
    database.exec(`PRAGMA busy_timeout = ${options.timeoutMs}`);
    return { database, file, statements: prepareStatements(database), incarnation };
  } catch (error) {
    database.close();
    throw error;
  }
}
