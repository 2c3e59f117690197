import type { Redis } from "ioredis";
import type { HeldRevocation, RevocationFollower } from "../../core/revocation-log.ts";
import { GREATEST_NOTED } from "./kept.ts";
import { REVOCATIONS } from "./keys.ts";
import { decodeEntries, decodeLivePage, type LivePage } from "./log-replies.ts";
import { type LogEntry, readAllHeld } from "./revocation-bytes.ts";
import type { RevocationsOf } from "./revocations.ts";
import { type Place, placeOf } from "./taken.ts";

/** How many revocations Redis looks at for one answer: it serves nobody else meanwhile. */
const CHUNK = 2_000;

/**
 * Tells the follower the whole live set.
 * @returns where to go on in the log: what is newer may be missing from what was told; and the last entries up to there, oldest first
 */
export async function takeLiveSet(
  of: RevocationsOf,
  incarnation: string,
  follower: RevocationFollower,
): Promise<{ from: Place; logged: readonly string[] }> {
  // One connection for the whole scan: the cursor of one node, or of one before its restart, skips revocations at another.
  const connection = of.connections.dedicated(REVOCATIONS.live);
  try {
    const logged = await readLast(connection, incarnation);
    const head = logged.at(-1);
    follower.expect?.(await connection.hlen(REVOCATIONS.live));
    await scan(connection, (chunk) => follower.takeHeld(chunk));
    // An empty log is a lost one: the proof that follows finds no entry with this id.
    const from = head === undefined ? { id: "0-1", digest: Buffer.alloc(0) } : placeOf(head);
    return { from, logged: logged.map(({ id }) => id) };
  } finally {
    connection.disconnect();
  }
}

async function readLast(connection: Redis, incarnation: string): Promise<LogEntry[]> {
  const newest = await connection.xrevrangeBuffer(REVOCATIONS.log, "+", "-", "COUNT", GREATEST_NOTED);
  return decodeEntries(newest, incarnation).toReversed();
}

async function scan(connection: Redis, take: (chunk: readonly HeldRevocation[]) => void): Promise<void> {
  let page = nextPage(connection, "0");
  for (;;) {
    const { cursor, revocations } = await page;
    const isLast = cursor === "0";
    if (!isLast) {
      // Redis looks on while this chunk is taken. Its failure is met in the next turn.
      page = nextPage(connection, cursor);
      page.catch(() => undefined);
    }
    take(readAllHeld(revocations));
    if (isLast) {
      return;
    }
  }
}

async function nextPage(connection: Redis, cursor: string): Promise<LivePage> {
  return decodeLivePage(await connection.assayReadLivePageBuffer(REVOCATIONS.live, cursor, CHUNK));
}
