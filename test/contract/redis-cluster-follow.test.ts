/** A follower goes with the log when a Cluster moves it, and when its node fails. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { Revocation } from "../../src/core/revocation-log.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow, type RecordingFollower } from "./recording-follower.ts";
import { revocation } from "./store-under-test.ts";

const LOG = "assay:{revocations}:log";

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
}, 60_000);
beforeEach(() => cluster.flush());
afterAll(() => cluster.remove());

async function open(): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(cluster.url), timeoutMs: 2_000 });
  onTestFinished(() => store.close());
  return store;
}

/** Appends again until it is acknowledged: what is unknown may be repeated. */
async function appended({ revocations }: Store): Promise<Revocation> {
  const revoked = revocation();
  await until("it is acknowledged", () => revocations.append(revoked).catch(() => undefined), 30_000);
  return revoked;
}

async function hasArrived(follower: RecordingFollower, { digest }: Revocation): Promise<boolean> {
  const proofs = follower.proofs.length;
  await until("the entry arrives", () => follower.find(digest), 30_000);
  return until("it is proved", () => follower.proofs.length > proofs || undefined, 30_000);
}

test("the slot of the log moves to another node: entries and proofs go on, and nothing is doubted", async () => {
  const store = await open();
  const { follower } = await follow(await open());
  await appended(store);
  const holder = await cluster.holderOf(LOG);
  const others = await Promise.all(["a", "b", "c", "d", "e", "f"].map((key) => cluster.holderOf(key)));
  const target = others.find(({ id }) => id !== holder.id);
  expect(target).toBeDefined();
  if (target !== undefined) await cluster.moveSlot(await cluster.slotOf(LOG), target);
  expect(await hasArrived(follower, await appended(store))).toBe(true);
  expect(follower.doubts).toBe(0);
});

test("the node of the log is killed and its replica takes over: entries and proofs go on", async () => {
  const store = await open();
  const { follower } = await follow(await open());
  expect(await hasArrived(follower, await appended(store))).toBe(true);
  const holder = await cluster.holderOf(LOG);
  await holder.end("SIGKILL");
  onTestFinished(() => holder.restart());
  expect(await hasArrived(follower, await appended(store))).toBe(true);
});
