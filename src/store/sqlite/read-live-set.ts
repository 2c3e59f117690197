import { setImmediate as nextTurn } from "node:timers/promises";
import type { HeldRevocation } from "../../core/revocation-log.ts";
import { strength } from "./append-revocation.ts";
import type { Connection } from "./connection.ts";
import { heldRevocation } from "./held-revocation.ts";
import { bytes, type Row } from "./row.ts";

/** A few milliseconds' work. */
const CHUNK = 500;

const FIRST = Buffer.alloc(0);

/**
 * The live set in chunks, between which everything else goes on. Not one state of the store: what changes meanwhile is in the
 * log after the head that was read before.
 */
export async function* readLiveSet({ statements }: Connection): AsyncGenerator<HeldRevocation[]> {
  let after: Buffer | undefined = FIRST;
  while (after !== undefined) {
    const rows: Row[] = statements.livePage.all(after, CHUNK);
    const chunk: HeldRevocation[] = rows.map((row) => heldRevocation(bytes(row, "digest"), strength(row)));
    yield chunk;
    after = chunk.length < CHUNK ? undefined : chunk.at(-1)?.digest;
    await nextTurn();
  }
}

/** What was sealed with each; undefined where nothing is live. */
export function readSealed({ statements }: Connection, digests: readonly Buffer[]): (Buffer | undefined)[] {
  return digests.map((digest) => {
    const row = statements.liveSealed.get(digest);
    return row && bytes(row, "sealed");
  });
}
