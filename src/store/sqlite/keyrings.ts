import type { StoredKeyring } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { integer, text } from "./row.ts";
import { storeUnavailable } from "./sqlite-error.ts";

/** Its row is made with the table: where it is missing, somebody has removed it. */
export function readKeyring({ statements }: Connection): StoredKeyring {
  const row = statements.keyringRead.get();
  if (row === undefined) {
    throw storeUnavailable(new Error("the store has lost its keyring"));
  }
  return { version: integer(row, "version"), records: text(row, "records") };
}

export function swapKeyring({ statements }: Connection, version: number, records: string): boolean {
  return statements.keyringSwap.run(records, version).changes === 1;
}
