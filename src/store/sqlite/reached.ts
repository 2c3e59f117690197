import type { Connection } from "./connection.ts";
import { type Position } from "./position.ts";
import { isHealed } from "./put-back.ts";
import { reading } from "./read-log.ts";
import { integer } from "./row.ts";

/** Whether the log holds the entry or did until it was trimmed, or whoever knew it has put back what was lost. */
export function isReached(connection: Connection, asked: Position): boolean {
  const { statements } = connection;
  return reading(connection, () => {
    const entry = statements.logEntry.get(asked.position);
    if (entry !== undefined && integer(entry, "at") === asked.at) {
      return true;
    }
    return asked.position <= integer(statements.identity.get() ?? {}, "log_trimmed_to") || isHealed(connection, asked);
  });
}
