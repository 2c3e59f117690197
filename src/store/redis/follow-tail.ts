import type { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";
import { REVOCATIONS } from "./keys.ts";
import { decodeRead } from "./log-replies.ts";
import type { LogEntry } from "./revocation-bytes.ts";
import type { RevocationsOf } from "./revocations.ts";

export type Tail = {
  /** The id after which to read. */
  from(): string;
  take(entries: readonly LogEntry[]): Promise<void>;
  prove(): Promise<void>;
};

const CHUNK = 1_000;
/** Less than the silence after which a connection is given up. */
const BLOCK_MS = 1_000;
const RETRY_MS = 100;

/**
 * Waits at the end of the log and hands over its entries as they come, until the signal. That proves nothing: a read that returns
 * nothing may come from a store that has lost its log, or from a primary that is none any more.
 */
export async function followTail(
  of: RevocationsOf,
  incarnation: string,
  tail: Tail,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await followOn(of.connections.dedicated(REVOCATIONS.log), incarnation, tail, signal);
    } catch {
      // The proofs say what is wrong, and bring the entries meanwhile.
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function followOn(connection: Redis, incarnation: string, tail: Tail, signal: AbortSignal): Promise<void> {
  const hangUp = (): void => connection.disconnect();
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    // A log does not go back in time without breaking its connections: what one brings after a proof is of one timeline.
    await connection.ping();
    await tail.prove();
    while (!signal.aborted) {
      const entries = decodeRead(await nextEntries(connection, tail.from()), incarnation);
      if (entries.length > 0 && !signal.aborted) {
        await tail.take(entries);
      }
    }
  } finally {
    signal.removeEventListener("abort", hangUp);
    connection.disconnect();
  }
}

function nextEntries(connection: Redis, after: string): Promise<unknown> {
  return connection.xreadBuffer("COUNT", CHUNK, "BLOCK", BLOCK_MS, "STREAMS", REVOCATIONS.log, after);
}
