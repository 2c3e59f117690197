import type { DatabaseSync } from "node:sqlite";

/** Runs a transition alone among all processes that share the file; durable when it returns, without trace when it throws. */
export function immediately<T>(database: DatabaseSync, transition: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = transition();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // On a full disk or an I/O error SQLite may have rolled back by itself.
    if (database.isTransaction) {
      database.exec("ROLLBACK");
    }
    throw error;
  }
}
