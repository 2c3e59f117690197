import { monotonicMs } from "./monotonic.ts";
import type { Connection } from "./connection.ts";
import { BUSY, isFull } from "./sqlite-error.ts";
import { immediately } from "./transaction.ts";
import { perform, type WriteArgument, type WriteName } from "./writes.ts";

/** What the writing thread is asked. */
export type WriteRequest<Name extends WriteName = WriteName> = {
  [Each in Name]: {
    id: number;
    write: Each;
    of: WriteArgument<Each>;
    /** By `monotonicMs`: nobody waits for it later. */
    deadline: number;
    /** This machine's wall clock, for the heartbeat. */
    wallNow: number;
  };
}[Name];

/** What it answers, to each request once; of which type a result is, only who asked knows. */
export type WriteAnswer = { id: number } & ({ result: never } | { error: WriteError });

/** An error as it crosses between threads. */
export type WriteError = { message: string; errcode?: number };

export type Outcome = { id: number } & ({ result: unknown } | { error: WriteError });

/** Further apart, so that not every commit writes a page for it. */
const HEARTBEAT_MS = 10_000;

/**
 * Writes all in one transaction, each in a savepoint of its own: one that fails leaves the others. Returns when all are durable.
 * What nobody waits for any more is not begun.
 */
export function commitTogether(
  connection: Connection & { lastBeat: number },
  requests: readonly WriteRequest[],
): Outcome[] {
  const now = monotonicMs();
  const late = requests.filter(({ deadline }) => deadline <= now);
  const begun = requests.filter(({ deadline }) => deadline > now);
  return [
    // As if another had held the file for so long.
    ...late.map(({ id }) => ({ id, error: { message: "it waited too long to be written", errcode: BUSY } })),
    ...(begun.length === 0 ? [] : commit(connection, begun)),
  ];
}

function commit(connection: Connection & { lastBeat: number }, requests: readonly WriteRequest[]): Outcome[] {
  try {
    return immediately(connection.database, () => {
      const outcomes = requests.map((request) => inSavepoint(connection, request));
      beat(connection, requests);
      return outcomes;
    });
  } catch (error) {
    // What is small enough, or only changes what is there, may have room yet.
    if (requests.length > 1 && isFull(error)) {
      return requests.flatMap((request) => commit(connection, [request]));
    }
    return requests.map(({ id }) => ({ id, error: plain(error) }));
  }
}

/** @throws where the whole transaction is gone: SQLite may take it back by itself on a full disk or an I/O error */
function inSavepoint(connection: Connection, request: WriteRequest): Outcome {
  const { database } = connection;
  const { id } = request;
  database.exec("SAVEPOINT one");
  try {
    const result = perform(connection, request);
    database.exec("RELEASE one");
    return { id, result };
  } catch (error) {
    if (!database.isTransaction) {
      throw error;
    }
    database.exec("ROLLBACK TO one; RELEASE one");
    return { id, error: plain(error) };
  }
}

function beat(connection: Connection & { lastBeat: number }, requests: readonly WriteRequest[]): void {
  const wallNow = requests.at(-1)?.wallNow ?? 0;
  if (Math.abs(wallNow - connection.lastBeat) < HEARTBEAT_MS) {
    return;
  }
  try {
    connection.statements.beat.run(wallNow);
    connection.lastBeat = wallNow;
  } catch (error) {
    if (!connection.database.isTransaction) {
      throw error;
    }
  }
}

function plain(error: unknown): WriteError {
  const message = error instanceof Error ? error.message : String(error);
  const errcode = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof errcode === "number" ? { message, errcode } : { message };
}
