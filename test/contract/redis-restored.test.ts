/** A Redis that lost everything, and got it back from a backup: the same store, but of an earlier time. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { Following } from "../../src/core/revocation-log.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { revocation } from "./store-under-test.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

const UNAVAILABLE = { code: "store_unavailable" };
const LIVE = "assay:{revocations}:live";

async function open(events: string[] = []): Promise<Store> {
  const store = await openRedisStore({
    ...redisOptions(redis.url),
    log: ({ level, event }) => events.push(`${level} ${event}`),
  });
  onTestFinished(() => store.close());
  return store;
}

test("what was acknowledged after the backup is put back, with an alarm", async () => {
  const events: string[] = [];
  const { following } = await follow(await open(events));
  const writer = await open();
  const restore = await redis.backUp();
  const revoked = revocation();
  const { revision } = await writer.revocations.append(revoked);
  await following.reach(revision);
  await writer.close();
  await redis.admin.flushall();
  await until("a proof finds it lost", () => events.includes("error store_closed") || undefined);

  await restore();
  await until("it is healed", () => events.includes("warn store_healed") || undefined);
  expect(await redis.admin.hexists("assay:{revocations}:live", revoked.digest)).toBe(1);
  expect(events.slice(-2)).toEqual(["error store_rollback", "warn store_healed"]);
  await following.reach(revision);
});

describe("a revision that was lost before anybody who runs now began to follow", () => {
  test("is not reached, neither when the store is doubted for a moment and has lost nothing", async () => {
    const lost = await lostBefore();
    const events: string[] = [];
    const store = await open(events);
    const { following, follower } = await follow(store);
    await expect(following.reach(lost)).rejects.toMatchObject(UNAVAILABLE);
    const { revision: later } = await store.revocations.append(revocation());
    await following.reach(later);

    await redis.admin.rename(LIVE, "elsewhere{revocations}");
    await until("it is doubted", () => follower.doubts > 0 || undefined);
    await redis.admin.rename("elsewhere{revocations}", LIVE);
    await reached(following, later);
    await expect(following.reach(lost)).rejects.toMatchObject(UNAVAILABLE);
  });

  test("nor when a later one is lost and put back, which is reached by whoever asks", async () => {
    const lost = await lostBefore();
    const events: string[] = [];
    const store = await open(events);
    const { following } = await follow(store);
    const restore = await redis.backUp();
    const { revision: later } = await store.revocations.append(revocation());
    await following.reach(later);
    await restore();
    await until("it is healed", () => events.includes("warn store_healed") || undefined);
    const other = await follow(await open());
    for (const each of [following, other.following]) {
      await reached(each, later);
      await expect(each.reach(lost)).rejects.toMatchObject(UNAVAILABLE);
    }
  });
});

async function reached(following: Following, revision: string): Promise<void> {
  await until("it is reached", () =>
    following.reach(revision).then(
      () => true,
      () => undefined,
    ),
  );
}

/** Of a store that has gone back behind it, to be followed by one that never knew it. */
async function lostBefore(): Promise<string> {
  const writer = await openRedisStore(redisOptions(redis.url));
  await writer.revocations.append(revocation());
  const restore = await redis.backUp();
  const { revision } = await writer.revocations.append(revocation());
  await writer.close();
  await restore();
  return revision;
}
