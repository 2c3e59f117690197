/** Clocks that disagree: an instance judges by the store's time, and must not guess whose is right. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { HOUR, revocation } from "./store-under-test.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

async function openWith(wall: { ahead: number }, events: string[] = []): Promise<Store> {
  const store = await openRedisStore({
    ...redisOptions(redis.url),
    wallClock: { now: () => Date.now() + wall.ahead },
    log: ({ level, event }) => events.push(`${level} ${event}`),
  });
  onTestFinished(() => store.close());
  return store;
}

test.for([
  ["ahead", HOUR, /this machine's clock is 3\d{3}\.\d s ahead compared with the store's/],
  ["back", -HOUR, /this machine's clock is 3\d{3}\.\d s back compared with the store's/],
] as const)(
  "a wall clock set an hour %s closes the store with an alarm, and set right opens it",
  async ([, ahead, why]) => {
    const wall = { ahead: 0 };
    const events: string[] = [];
    const store = await openWith(wall, events);
    wall.ahead = ahead;
    const sentence = await until("it is closed", () => store.problem());
    expect(sentence).toMatch(why);
    await expect(store.revocations.append(revocation())).rejects.toMatchObject({ code: "store_unavailable" });
    wall.ahead = 0;
    await until("it is open", async () => ((await store.problem()) === undefined ? true : undefined));
    expect(events).toEqual(["info store_opened", "error store_closed", "info store_opened"]);
  },
);

test("after a sleep the first proof is refused, and closes the store with an alarm until the clocks agree", async () => {
  const events: string[] = [];
  const store = await openWith({ ahead: 0 }, events);
  const { follower, following } = await follow(store);
  const count = follower.proofs.length;
  // The monotonic clock stands still while the machine sleeps.
  const now = performance.now.bind(performance);
  const asleep = vi.spyOn(performance, "now").mockImplementation(() => now() - 5_000);
  onTestFinished(() => asleep.mockRestore());

  await expect(following.prove()).rejects.toMatchObject({ code: "store_unavailable" });
  expect([events, follower.doubts, follower.proofs.length]).toEqual([
    ["info store_opened", "error store_closed"],
    1,
    count,
  ]);
  await until("it is open", async () => ((await store.problem()) === undefined ? true : undefined));
  await following.prove();
});

test("a cut-off that means now is no earlier than the store's own time", async () => {
  const store = await openRedisStore({ ...redisOptions(redis.url), clock: { now: () => 1_000 } });
  onTestFinished(() => store.close());
  const before = Date.now() - 1_000;
  const { held } = await store.revocations.append(revocation({ cutOff: 1_000, cutOffNow: true }));
  expect(held.cutOff).toBeGreaterThanOrEqual(before);
  const exact = await store.revocations.append(revocation({ cutOff: 1_000 }));
  expect(exact.held.cutOff).toBe(1_000);
});

test("a start with a wrong clock is not refused: the store is closed, and opens once they agree", async () => {
  const wall = { ahead: HOUR };
  const store = await openWith(wall);
  expect(await store.problem()).toMatch(/stays closed until the clocks agree to a second/);
  wall.ahead = 0;
  await until("it is open", async () => ((await store.problem()) === undefined ? true : undefined));
});
