/** A Cluster whose slots move and whose primaries fail, under load. */
import { Cluster } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";
import { type AcknowledgedLoad, loadUntilStopped } from "./acknowledged-load.ts";
import { redisOptions } from "./open-store.ts";

const LIVE = "assay:{revocations}:live";

async function underLoad(): Promise<{ cluster: RedisCluster; store: Store; load: AcknowledgedLoad }> {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.remove());
  const store = await openRedisStore({ ...redisOptions(cluster.url), timeoutMs: 1_000, replicas: 1 });
  onTestFinished(() => store.close());
  const load = loadUntilStopped(store);
  onTestFinished(() => load.stop());
  await until("there is load", () => load.families.size > 20 || undefined);
  return { cluster, store, load };
}

async function goesOn(load: AcknowledgedLoad): Promise<void> {
  const before = load.families.size;
  await until("the load goes on", () => load.families.size > before + 20 || undefined, 25_000);
}

async function expectNothingLost({ nodes }: RedisCluster, { revoked, families }: AcknowledgedLoad): Promise<void> {
  const admin = new Cluster(nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
  onTestFinished(() => admin.disconnect());
  const held = await admin.hmgetBuffer(LIVE, ...revoked);
  expect(held.filter((value) => value === null)).toEqual([]);
  for (const [family, generation] of families) {
    expect(Number(await admin.hget(`assay:family:{${family}}`, "generation"))).toBeGreaterThanOrEqual(generation);
  }
}

test("slots that move away and back, the revocations' among them: nothing acknowledged is lost", async () => {
  const { cluster, load } = await underLoad();
  const slot = await cluster.slotOf(LIVE);
  const from = await cluster.holderOf(LIVE);
  const to = cluster.nodes.slice(0, 3).find((node) => node !== from);
  if (to === undefined) throw new Error("there is another primary");

  await cluster.moveSlot(slot, to);
  expect(await cluster.holderOf(LIVE)).toBe(to);
  await goesOn(load);
  await cluster.moveSlot(slot, from);
  await goesOn(load);
  await load.stop();

  await expectNothingLost(cluster, load);
}, 60_000);

test("the primary of the revocations is killed: its replica has all that was acknowledged, and takes over", async () => {
  const { cluster, load } = await underLoad();
  const former = await cluster.holderOf(LIVE);
  await former.end("SIGKILL");
  const successor = await cluster.holderOf(LIVE);
  expect(successor).not.toBe(former);
  // The promise of a replica cannot be kept before there is one again.
  await former.restart();
  await goesOn(load);
  await load.stop();

  await expectNothingLost(cluster, load);
  for (const failure of load.failures) expect(failure).toMatchObject({ code: "store_unavailable" });
}, 60_000);
