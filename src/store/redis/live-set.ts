import type { Redis } from "ioredis";
import type { HeldRevocation, RevocationFollower } from "../../core/revocation-log.ts";
import { REVOCATIONS } from "./keys.ts";
import { decodeEntries, decodeLivePage, type LivePage } from "./log-replies.ts";
import { readAllHeld } from "./revocation-bytes.ts";
import type { RevocationsOf } from "./revocations.ts";
import { type Place, placeOf } from "./taken.ts";

/** How many revocations Redis looks at for one answer: it serves nobody else meanwhile. */
const CHUNK = 2_000;

/**
 * Tells the follower the whole live set.
 * @returns where to go on in the log: what is newer may be missing from what was told
 */
export async function takeLiveSet(
  of: RevocationsOf,
  incarnation: string,
  follower: RevocationFollower,
): Promise<Place> {
  // One connection for the whole scan: the cursor of one node, or of one before its restart, skips revocations at another.
  const connection = of.connections.dedicated(REVOCATIONS.live);
  try {
    const head = await readHead(connection, incarnation);
    follower.expect?.(await connection.hlen(REVOCATIONS.live));
    await scan(connection, (chunk) => follower.takeHeld(chunk));
    return head;
  } finally {
    connection.disconnect();
  }
}

async function readHead(connection: Redis, incarnation: string): Promise<Place> {
  const [newest] = decodeEntries(await connection.xrevrangeBuffer(REVOCATIONS.log, "+", "-", "COUNT", 1), incarnation);
  // An empty log is a lost one: the proof that follows finds no entry with this id.
  return newest === undefined ? { id: "0-1", digest: Buffer.alloc(0) } : placeOf(newest);
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
