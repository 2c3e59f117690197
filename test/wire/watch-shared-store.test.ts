/** Two instances on one store: what is revoked at one is told by both, and what the store does not say nobody tells. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import type { TestWatch } from "../support/watch.ts";

async function redisServer(): Promise<RedisServer> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return redis;
}

async function twoServers(store: string): Promise<[TestServer, TestServer]> {
  const settings = { store, keys: { master_key: randomBytes(32).toString("base64url") } };
  return [await startServer(settings), await startServer(settings)];
}

const STORES = {
  Redis: async () => (await redisServer()).url,
  "one SQLite file": async () => `sqlite:${join(await temporaryDirectory(), "shared.db")}`,
};

describe.each(Object.entries(STORES))("two instances on %s", (_name, open) => {
  test("tell each other's revocations, and a watch goes on at the other after its last revision", async () => {
    const [one, other] = (await twoServers(await open())).map((server) => server.client());
    if (one === undefined || other === undefined) throw new Error("there are two");
    const watch = other.watch();
    await watch.proved();
    await one.revoke({ subject: { sub: "alice" }, reason: "laptop lost" });
    await watch.hasTold(1);
    expect(watch.told()[0]).toMatchObject({ selector: { sub: "alice" }, reason: "laptop lost" });
    watch.cancel();
    await other.revoke({ subject: { sub: "bob" } });
    const next = await follows(() => one.watch({ after: watch.revision() ?? "" }), "bob");
    expect(next.told().map(({ selector }) => selector?.sub)).toEqual(["bob"]);
  });
});

test("while the store does not answer a watch stays open and proves nothing; then it goes on", async () => {
  const redis = await redisServer();
  const client = (await startServer({ store: redis.url })).client();
  const watch = client.watch();
  await watch.proved();
  redis.pause();
  const count = watch.steps.length;
  // Each takes as long as a proof may.
  for (let asked = 0; asked < 4; asked++)
    expect(await failureOf(client.sync())).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" });
  // One may have been on its way.
  expect(watch.steps.length).toBeLessThanOrEqual(count + 1);
  redis.resume();
  await watch.proved();
  await eventually("a revocation is taken again", () =>
    client.revoke({ subject: { sub: "alice" } }).catch(() => undefined),
  );
  await watch.hasTold(1);
});

test("after the store has gone back everything is told anew, and nothing is proved in between", async () => {
  const redis = await redisServer();
  const client = (await startServer({ store: redis.url })).client();
  await client.revoke({ subject: { sub: "alice" } });
  const restore = await redis.backUp();
  await client.revoke({ subject: { sub: "bob" } });
  const watch = client.watch();
  await watch.hasTold(2);
  await watch.proved();
  await restore();
  await eventually(
    "all is told anew",
    () => watch.steps.slice(1).some((step) => step.from_beginning) || undefined,
    30_000,
  );
  const again = watch.steps.findLastIndex((step) => step.from_beginning);
  await watch.proved();
  const told = watch.steps.slice(again).flatMap(({ revocations }) => revocations);
  expect(new Set(told.map(({ digest }) => digest.toString("hex"))).size).toBe(2);
  await client.revoke({ subject: { sub: "carol" } });
  await eventually("carol", () => watch.told().some(({ selector }) => selector?.sub === "carol") || undefined);
}, 60_000);

/** An instance that has not come so far yet begins anew: then it is asked again. */
async function follows(begin: () => TestWatch, sub: string): Promise<TestWatch> {
  return eventually("the watch goes on", async () => {
    const watch = begin();
    await eventually("it is told", () => watch.told().some(({ selector }) => selector?.sub === sub) || undefined);
    return watch.steps[0]?.from_beginning === false ? watch : undefined;
  });
}
