/** What stands behind a store, as `assay doctor` says it. */
import { expect, onTestFinished, test } from "vitest";
import { createConnections, type RedisConnections } from "../../src/store/redis/connections.ts";
import { describeTopology } from "../../src/store/redis/topology.ts";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startRedisSentinel } from "../support/redis-sentinel.ts";
import { startRedisServer } from "../support/redis-server.ts";

async function connected(url: string, replicas: number): Promise<RedisConnections> {
  const connections = createConnections({ url, replicas, timeoutMs: 5_000 });
  onTestFinished(() => connections.close());
  await new Promise<void>((resolve) => connections.start({ ready: resolve, away: () => undefined }));
  return connections;
}

test("one server proves nothing beyond itself", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  expect(await describeTopology(await connected(redis.url, 0))).toEqual({
    kind: "standalone",
    primaries: [{ address: `127.0.0.1:${redis.port}`, replicas: 0 }],
    promised: 0,
    proves: "nothing",
  });
});

test("two replicas and three Sentinels: one proves a majority, two every replica", async () => {
  const redis = await startRedisSentinel();
  onTestFinished(() => redis.remove());
  const { proxy } = await redis.primary();
  const facts = {
    kind: "sentinel",
    primaries: [{ address: `127.0.0.1:${proxy.port}`, replicas: 2 }],
    sentinels: 3,
    quorum: 2,
  };
  expect(await describeTopology(await connected(redis.url, 1))).toEqual({ ...facts, promised: 1, proves: "majority" });
  const both = await describeTopology(await connected(redis.url, 2));
  expect(both).toEqual({ ...facts, promised: 2, proves: "every-replica" });
});

test("a replica for each of three primaries of a Cluster: one proves every replica", async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.remove());
  const { kind, primaries, proves } = await describeTopology(await connected(cluster.url, 1));
  expect({ kind, replicas: primaries.map(({ replicas }) => replicas), proves }).toEqual({
    kind: "cluster",
    replicas: [1, 1, 1],
    proves: "every-replica",
  });
});
