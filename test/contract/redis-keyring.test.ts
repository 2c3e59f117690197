/** The keyring lies apart from the revocations: each may be lost without the other. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { StartError } from "../../src/core/start-error.ts";
import type { RedisStoreEvent } from "../../src/store/redis/gate.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { acceptLoss } from "../../src/store/redis/operator.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { digest } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };
const KEYRING = "assay:{keyring}";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

async function open(log: (event: RedisStoreEvent) => void = () => undefined): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(redis.url), log });
  onTestFinished(() => store.close());
  return store;
}

async function openWithKeyring(): Promise<Store> {
  const store = await open();
  await store.keyrings.swap(0, "records");
  await store.keyrings.read();
  return store;
}

test("a keyring that has gone closes the store for everything, and nobody makes another", async () => {
  const store = await openWithKeyring();
  await redis.admin.del(KEYRING);
  await expect(store.keyrings.read()).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.revocations.readSealed([digest()])).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.keyrings.swap(0, "others")).rejects.toMatchObject(UNAVAILABLE);
  expect(await store.problem()).toMatch(/has lost its keyring.*Restore it from a backup/);
  expect(await redis.admin.exists(KEYRING)).toBe(0);
});

test("a swap notices that the keyring has gone", async () => {
  const store = await openWithKeyring();
  await redis.admin.del(KEYRING);
  await expect(store.keyrings.swap(1, "others")).rejects.toMatchObject(UNAVAILABLE);
  expect(await redis.admin.exists(KEYRING)).toBe(0);
});

test("a start on a store whose keyring has gone is refused", async () => {
  await openWithKeyring();
  await redis.admin.del(KEYRING);
  await expect(open()).rejects.toThrow(StartError);
  await expect(open()).rejects.toThrow(/has lost its keyring/);
});

test.each(["version", "records", "incarnation", "root"])("a keyring without its %s is lost", async (field) => {
  const store = await openWithKeyring();
  await redis.admin.hdel(KEYRING, field);
  await expect(store.keyrings.read()).rejects.toMatchObject(UNAVAILABLE);
});

test("a keyring of another incarnation of the store is lost", async () => {
  await openWithKeyring();
  await redis.admin.del("assay:{revocations}:log", "assay:{revocations}:live", "assay:{revocations}:meta");
  await expect(open()).rejects.toThrow(/has lost its keyring/);
});

test("a keyring that is put back opens the store again", async () => {
  const store = await openWithKeyring();
  const backup = await redis.admin.hgetall(KEYRING);
  await redis.admin.del(KEYRING);
  await expect(store.keyrings.read()).rejects.toMatchObject(UNAVAILABLE);
  await redis.admin.hset(KEYRING, backup);
  await until("the store opens", async () => ((await store.problem()) === undefined ? true : undefined));
  expect(await store.keyrings.read()).toEqual({ version: 1, records: "records" });
});

test("a keyring that went back is put back by an instance that knows a later one, with an alarm", async () => {
  const events: string[] = [];
  const store = await open(({ level, event }) => events.push(`${level} ${event}`));
  await store.keyrings.swap(0, "first");
  const before = await redis.admin.hgetall(KEYRING);
  await store.keyrings.swap(1, "second");
  await store.keyrings.swap(2, "third");
  await redis.admin.hset(KEYRING, before);

  expect(await store.keyrings.read()).toEqual({ version: 3, records: "third" });
  expect(await (await open()).keyrings.read()).toEqual({ version: 3, records: "third" });
  expect(events).toEqual(["info store_opened", "error store_rollback"]);
});

test("a keyring that went back with the revocations is replaced by the later one that a running instance knows", async () => {
  const store = await open();
  await follow(store);
  await store.keyrings.swap(0, "first");
  await store.keyrings.read();
  const before = await redis.admin.hgetall(KEYRING);
  await store.keyrings.swap(1, "second");
  await redis.admin.multi().hset(KEYRING, before).del("assay:{revocations}:live").exec();
  await until("the loss is noticed", () => store.problem());
  await acceptLoss(redisOptions(redis.url));
  await until("the store opens", async () => ((await store.problem()) === undefined ? true : undefined));
  expect(await redis.admin.hmget(KEYRING, "version", "records")).toEqual(["2", "second"]);
  expect(await store.keyrings.read()).toEqual({ version: 2, records: "second" });
});

test("of the keyrings that running instances know the latest is there after an accepted loss, and all read it", async () => {
  const [one, other] = [await openWithKeyring(), await open()];
  await Promise.all([follow(one), follow(other)]);
  await other.keyrings.swap(1, "later");
  const { incarnation = "" } = await redis.admin.hgetall(KEYRING);
  await redis.admin.flushall();
  for (const store of [one, other]) await until("the loss is noticed", () => store.problem());
  await acceptLoss(redisOptions(redis.url), incarnation);
  for (const store of [one, other]) {
    await until("the store opens", async () => ((await store.problem()) === undefined ? true : undefined));
  }
  await until("the later is there", async () =>
    (await redis.admin.hget(KEYRING, "version")) === "2" ? true : undefined,
  );
  for (const { keyrings } of [one, other]) expect(await keyrings.read()).toEqual({ version: 2, records: "later" });
});

test("a keyring of another root closes the store at whoever knows the former one, and stays", async () => {
  const store = await openWithKeyring();
  await redis.admin.hset(KEYRING, { version: 2, records: "others", root: "another" });
  await expect(store.keyrings.read()).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.revocations.readSealed([digest()])).rejects.toMatchObject(UNAVAILABLE);
  expect(await store.problem()).toMatch(/has other keys than those that this instance knows.*restart this instance/);
  expect(await redis.admin.hget(KEYRING, "records")).toBe("others");
});

test("the keyring has a hash tag of its own, and no expiry", async () => {
  await openWithKeyring();
  expect(await redis.admin.pttl(KEYRING)).toBe(-1);
});
