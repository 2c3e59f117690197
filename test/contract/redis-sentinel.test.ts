/** Redis with replicas and Sentinels: what `replicated` promises, and what happens when the primary goes. */
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { type SentinelDeployment, type SentinelNode, startRedisSentinel } from "../support/redis-sentinel.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { loadUntilStopped } from "./acknowledged-load.ts";
import { redisOptions } from "./open-store.ts";
import { digest, revocation } from "./store-under-test.ts";

const LIVE = "assay:{revocations}:live";
const UNAVAILABLE = { code: "store_unavailable" };

async function deployment(): Promise<SentinelDeployment> {
  const started = await startRedisSentinel();
  onTestFinished(() => started.remove());
  return started;
}

async function open(url: string, changes: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(url), timeoutMs: 1_000, replicas: 1, ...changes });
  onTestFinished(() => store.close());
  return store;
}

async function proxyTo({ port }: SentinelNode): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Takes a write, with all that belongs to it. */
async function works(store: Store): Promise<void> {
  await until(
    "the store takes writes",
    () =>
      store.revocations.append(revocation()).then(
        () => true,
        () => undefined,
      ),
    25_000,
  );
}

async function lackedBy(node: SentinelNode, digests: readonly Buffer[]): Promise<Buffer[]> {
  const held = await node.admin.hmgetBuffer(LIVE, ...digests);
  return digests.filter((_, place) => !held[place]);
}

test("a partition under load: the new primary has every write that was acknowledged", async () => {
  const redis = await deployment();
  const store = await open(redis.url);
  const load = loadUntilStopped(store);
  onTestFinished(() => load.stop());
  await until("there is load", () => load.families.size > 20 || undefined);

  const former = await redis.primary();
  former.proxy.hold();
  const successor = await redis.failedOver(former);
  const before = load.revoked.length;
  await until("the load goes on", () => load.revoked.length > before + 20 || undefined, 25_000);
  await load.stop();

  expect(await lackedBy(successor, load.revoked)).toEqual([]);
  for (const [family, generation] of load.families) {
    const held = await successor.admin.hget(`assay:family:{${family}}`, "generation");
    expect(Number(held)).toBeGreaterThanOrEqual(generation);
  }
  expect(load.failures.length).toBeGreaterThan(0);
  for (const failure of load.failures) expect(failure).toMatchObject(UNAVAILABLE);
}, 60_000);

test("a primary that is demoted while it runs is left for the one that leads now, which has all that every replica acknowledged", async () => {
  const redis = await deployment();
  // One would not do: Sentinel promotes a replica while the other still acknowledges what the former primary gets.
  const store = await open(redis.url, { replicas: 2 });
  const load = loadUntilStopped(store);
  onTestFinished(() => load.stop());
  await until("there is load", () => load.revoked.length > 20 || undefined);

  const former = await redis.primary();
  await redis.sentinels[0]?.failover();
  const successor = await redis.failedOver(former);
  const before = load.revoked.length;
  await until("the load goes on", () => load.revoked.length > before + 20 || undefined, 25_000);
  await load.stop();
  expect(await lackedBy(successor, load.revoked)).toEqual([]);
}, 60_000);

test("a Sentinel that is cut off with the former primary is not believed", async () => {
  const redis = await deployment();
  const former = await redis.primary();
  const [misled] = redis.sentinels;
  misled?.pause();
  former.proxy.hold();
  const successor = await redis.failedOver(former);
  // It still names the former primary, which still says that it leads.
  misled?.resume();
  const store = await open(redis.url);
  await works(store);
  const named = digest();
  await store.revocations.append(revocation({ digest: named }));
  expect(await lackedBy(successor, [named])).toEqual([]);
}, 60_000);

test("a write that too few replicas have is not acknowledged, stays, and is acknowledged when it is repeated", async () => {
  const redis = await deployment();
  const store = await open(redis.url, { replicas: 2 });
  await works(store);
  const [replica] = await redis.replicas();
  const named = digest();
  replica?.pause();
  await expect(store.revocations.append(revocation({ digest: named }))).rejects.toMatchObject({
    ...UNAVAILABLE,
    cause: { message: "1 of 2 replicas have it" },
  });
  expect(await lackedBy(await redis.primary(), [named])).toEqual([]);
  replica?.resume();
  const acknowledged = await until("the replicas have it", () =>
    store.revocations.append(revocation({ digest: named })).catch(() => undefined),
  );
  expect(acknowledged.durability).toBe("replicated");
});

test("a start with fewer replicas than promised gives a closed store that says so, and opens when they are there", async () => {
  const redis = await deployment();
  const [replica] = await redis.replicas();
  await replica?.end("SIGTERM");
  const store = await open(redis.url, { replicas: 2 });
  await until("the lack is named", async () =>
    (await store.problem())?.match(/has 1 connected replica, and store\.replicas promises that 2 have every write/),
  );
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  await replica?.restart();
  await works(store);
  expect(await store.problem()).toBeUndefined();
});

test("a connection that is lost between the write and its WAIT leaves the outcome unknown", async () => {
  const redis = await deployment();
  const proxy = await proxyTo(await redis.primary());
  const store = await open(`redis://127.0.0.1:${proxy.port}`, { timeoutMs: 10_000 });
  await works(store);
  const named = digest();

  proxy.hold("to-client");
  const answer = store.revocations.append(revocation({ digest: named }));
  answer.catch(() => undefined);
  const { admin } = await redis.primary();
  await until("it is written", async () => (await admin.hmgetBuffer(LIVE, named))[0] ?? undefined);
  proxy.cut();
  await expect(answer).rejects.toMatchObject(UNAVAILABLE);

  proxy.resume();
  await works(store);
  expect(await store.revocations.append(revocation({ digest: named }))).toMatchObject({ durability: "replicated" });
});

test("writes of one turn share one WAIT", async () => {
  const redis = await deployment();
  const store = await open(redis.url);
  await works(store);
  const { admin } = await redis.primary();
  await admin.config("RESETSTAT");
  const writes = 50;
  await Promise.all(Array.from({ length: writes }, () => store.revocations.append(revocation())));
  const waits = /cmdstat_wait:calls=(\d+)/.exec(await admin.info("commandstats"))?.[1];
  expect(Number(waits)).toBeLessThan(writes / 2);
});

test("a script that the server has forgotten is sent whole, and its WAIT follows it", async () => {
  const redis = await deployment();
  const store = await open(redis.url, { replicas: 2 });
  await works(store);
  const { admin } = await redis.primary();
  await admin.script("FLUSH");
  const named = digest();
  expect(await store.revocations.append(revocation({ digest: named }))).toMatchObject({ durability: "replicated" });
  for (const replica of await redis.replicas()) expect(await lackedBy(replica, [named])).toEqual([]);
});
