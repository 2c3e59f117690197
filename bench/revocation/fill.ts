import { randomBytes } from "node:crypto";
import { REVOCATIONS } from "../../src/store/redis/keys.ts";
import { writeHeld } from "../../src/store/redis/revocation-bytes.ts";
import type { RedisServer } from "../../test/support/redis-server.ts";
import { openBenchStore, SEALED_LENGTH } from "./store.ts";

const BATCH = 5_000;
const DIGEST_LENGTH = 16;

/**
 * So many live revocations, as the store holds them, written past it: to append each would take minutes.
 * @param keepMs from now
 */
export async function fill({ url, admin }: RedisServer, count: number, keepMs: number): Promise<void> {
  await makeStore(url);
  const keepUntil = Date.now() + keepMs;
  for (let made = 0; made < count; made += BATCH) {
    const live: Buffer[] = [];
    const expiry: (Buffer | number)[] = [];
    for (let place = made; place < Math.min(made + BATCH, count); place++) {
      const digest = randomBytes(DIGEST_LENGTH);
      const times = writeHeld([{ digest, keepUntil }]).subarray(DIGEST_LENGTH);
      live.push(digest, Buffer.concat([times, randomBytes(SEALED_LENGTH)]));
      expiry.push(keepUntil, digest);
    }
    await Promise.all([admin.hset(REVOCATIONS.live, ...live), admin.zadd(REVOCATIONS.expiry, ...expiry)]);
  }
}

/** With its canary. */
async function makeStore(url: string): Promise<void> {
  const store = await openBenchStore(url);
  await store.close();
}
