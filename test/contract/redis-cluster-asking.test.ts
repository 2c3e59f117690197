/** Reads of a slot that is on its way: the Cluster's client sends ASKING by itself, and drops what comes of it. */
import { expect, onTestFinished, test } from "vitest";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { opaqueTokenKey } from "../../src/store/redis/keys.ts";
import { type ClusterNode, startRedisCluster } from "../support/redis-cluster.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";

const DIGEST = Buffer.alloc(32, 7);
const KEY = opaqueTokenKey(DIGEST);
const HOUR_MS = 3_600_000;

test("the node to which a key is moving does not answer: the read fails, and nothing else does", async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.remove());
  const store = await openRedisStore({ ...redisOptions(cluster.url), timeoutMs: 1_000 });
  onTestFinished(() => store.close());
  await store.opaqueTokens.put(DIGEST, Buffer.from("sealed"), Date.now() + HOUR_MS);
  const unheard = collectUnheard();
  const from = await cluster.holderOf(KEY);
  const revocations = await cluster.holderOf("assay:{revocations}:log");
  const to = cluster.nodes.slice(0, 3).find((node) => node !== from && node !== revocations);
  if (to === undefined) throw new Error("there is a third primary");

  await beginMove(KEY, await cluster.slotOf(KEY), from, to);
  const asking = async (): Promise<number> =>
    Number(/^cmdstat_asking:calls=(\d+)/m.exec(await to.admin.info("commandstats"))?.[1] ?? 0);
  expect(await store.opaqueTokens.get(DIGEST)).toEqual(Buffer.from("sealed"));
  expect(await until("it was asked for where it goes", async () => (await asking()) || undefined)).toBeGreaterThan(0);

  to.pause();
  onTestFinished(() => to.resume());
  // The first ASKING is given up after its read: by the end of the second read it has been.
  for (let reads = 0; reads < 2; reads += 1) {
    await expect(store.opaqueTokens.get(DIGEST)).rejects.toMatchObject({ code: "store_unavailable" });
  }
  expect(unheard).toEqual([]);
}, 60_000);

/** The key has arrived, and its slot is still held where it was. */
async function beginMove(key: string, slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
  await to.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
  await from.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
  await from.admin.call("MIGRATE", "127.0.0.1", to.port, key, 0, 5_000);
}

/** Rejections that would end the process. */
function collectUnheard(): unknown[] {
  const unheard: unknown[] = [];
  const take = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", take);
  onTestFinished(() => void process.off("unhandledRejection", take));
  return unheard;
}
