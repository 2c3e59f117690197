/** A Redis that lost everything, and got a new store from an instance that started before the operator decided. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { acceptLoss } from "../../src/store/redis/operator.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { revocation } from "./store-under-test.ts";

const META = "assay:{revocations}:meta";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

async function open(): Promise<Store> {
  const store = await openRedisStore(redisOptions(redis.url));
  onTestFinished(() => store.close());
  return store;
}

/** One instance that still holds the revocations and the keyring of the lost store, and one that made a new store. */
async function madeByRestart() {
  const running = await open();
  const { following } = await follow(running);
  await running.keyrings.swap(0, "former keys");
  await running.keyrings.read();
  const revoked = revocation();
  const { revision } = await running.revocations.append(revoked);
  await following.reach(revision);
  await redis.admin.flushall();
  await until("the loss is noticed", () => running.problem());
  return { running, revoked, restarted: await open(), lost: revision.split("/")[0] ?? "" };
}

test("the running instance goes over to the new store once the lost one is named, and puts back what it holds", async () => {
  const { running, revoked, restarted, lost } = await madeByRestart();
  const { follower } = await follow(restarted);
  const accepted = await acceptLoss(redisOptions(redis.url), lost);
  expect(accepted?.predecessors).toEqual([lost]);

  await until("the revocation arrives", () => follower.find(revoked.digest));
  await until("it is open", async () => ((await running.problem()) === undefined ? true : undefined));
  expect(follower.proofs.at(-1)?.revision).toContain(accepted?.incarnation);
  expect(await restarted.keyrings.read()).toEqual({ version: 1, records: "former keys" });
});

test("naming it again, or naming the store that is there, is no loss to accept", async () => {
  const { lost } = await madeByRestart();
  const accepted = await acceptLoss(redisOptions(redis.url), lost);
  expect(await acceptLoss(redisOptions(redis.url), lost)).toBeUndefined();
  expect(await acceptLoss(redisOptions(redis.url), accepted?.incarnation)).toBeUndefined();
});

test("a new store that has keys of its own takes nothing over, and the operator is told what to do", async () => {
  const { running, restarted, lost } = await madeByRestart();
  await restarted.keyrings.swap(0, "new keys");
  const accepting = acceptLoss(redisOptions(redis.url), lost);
  await expect(accepting).rejects.toThrow(
    /has made keys of its own.*Stop the instances that use the new store, remove it/s,
  );
  await until("it stays closed, and says why", async () =>
    (await running.problem())?.includes("not the one that this instance opened") === true ? true : undefined,
  );
  expect(await restarted.keyrings.read()).toEqual({ version: 1, records: "new keys" });
});

test("the instance that made the new store is closed from then on until what was lost is put back, and makes no keys", async () => {
  const { running, restarted, lost } = await madeByRestart();
  await running.close();
  await follow(restarted);
  await acceptLoss(redisOptions(redis.url), lost);
  // Either its proof has noticed already, or the read notices.
  await expect(restarted.keyrings.read()).rejects.toMatchObject({ code: "store_unavailable" });
  await until("it says why", async () =>
    (await restarted.problem())?.includes("nobody has put back yet") === true ? true : undefined,
  );
});

test("where keys were made after all, the running instance puts nothing back, stays closed, and says why", async () => {
  const { running, revoked, lost } = await madeByRestart();
  const incarnation = (await redis.admin.hget(META, "incarnation")) ?? "";
  await redis.admin
    .multi()
    .hset(META, { predecessors: lost, awaited: lost })
    .hset("assay:{keyring}", { incarnation, version: 1, records: "new keys", root: "another" })
    .exec();
  await until("it says why", async () =>
    (await running.problem())?.includes("other keys") === true ? true : undefined,
  );
  expect(await redis.admin.hexists("assay:{revocations}:live", revoked.digest)).toBe(0);
  expect(await redis.admin.hget("assay:{keyring}", "records")).toBe("new keys");
  expect(await redis.admin.hget(META, `healed_to:${lost}`)).toBeNull();
  expect(await redis.admin.hget(META, "awaited")).toBe(lost);
});
