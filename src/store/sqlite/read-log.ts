import type { LoggedRevocation } from "../../core/revocation-log.ts";
import { formatRevision } from "../revision.ts";
import { logHead, strength } from "./append-revocation.ts";
import type { Connection } from "./connection.ts";
import { heldRevocation } from "./held-revocation.ts";
import { formatPosition, type Position } from "./position.ts";
import { bytes, integer, type Row, text } from "./row.ts";

/** What one look at the log has found. */
export type Look =
  /** `isHead`: there is nothing after `at`, the place of the last entry. */
  | { found: "entries"; entries: LoggedRevocation[]; last: Position; isHead: boolean }
  /** Entries that were not seen yet have been trimmed. */
  | { found: "gap" }
  /** The last entry seen is not there any more. */
  | { found: "rollback" }
  | { found: "other store" };

/** So many entries are taken in one turn. */
const MOST_AT_ONCE = 500;

/** One state of the store, whatever is written meanwhile. */
export function readLog(connection: Connection, incarnation: string, seen: Position): Look {
  return reading(connection, () => {
    const identity = connection.statements.identity.get();
    if (identity === undefined || text(identity, "incarnation") !== incarnation) {
      return { found: "other store" };
    }
    const trimmedTo = integer(identity, "log_trimmed_to");
    const rows = connection.statements.logRead.all(seen.position, MOST_AT_ONCE);
    const isHead = rows.length < MOST_AT_ONCE;
    if (seen.position > 0) {
      const [first] = rows;
      const isThere = first !== undefined && integer(first, "position") === seen.position;
      if (isThere ? integer(first, "at") !== seen.at : seen.position > trimmedTo) {
        return { found: "rollback" };
      }
      if (isThere) rows.shift();
    }
    if (seen.position < trimmedTo) {
      return { found: "gap" };
    }
    const final = rows.at(-1);
    return {
      found: "entries",
      entries: rows.map((row) => loggedRevocation(row, incarnation)),
      last: final === undefined ? seen : place(final),
      isHead,
    };
  });
}

/** Where the log ends now. */
export function readHead(connection: Connection): Position {
  return logHead(connection);
}

/** Runs in one read transaction. */
export function reading<T>({ database }: Connection, look: () => T): T {
  database.exec("BEGIN");
  try {
    return look();
  } finally {
    database.exec("COMMIT");
  }
}

function loggedRevocation(row: Row, incarnation: string): LoggedRevocation {
  return {
    ...heldRevocation(bytes(row, "digest"), strength(row)),
    revision: formatRevision(incarnation, formatPosition(place(row))),
    sealed: bytes(row, "sealed"),
    appendedAt: integer(row, "at"),
  };
}

function place(row: Row): Position {
  return { position: integer(row, "position"), at: integer(row, "at") };
}
