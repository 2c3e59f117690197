/** A Redis that lost everything, and got it back from a backup: the same store, but of an earlier time. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
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
afterAll(() => redis.remove());

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
