/** The keyring lies apart from the revocations: each may be lost without the other. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { StartError } from "../../src/core/start-error.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { digest } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };
const KEYRING = "assay:{keyring}";

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
  await expect(store.revocations.find([digest()])).rejects.toMatchObject(UNAVAILABLE);
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

test.each(["version", "records", "incarnation"])("a keyring without its %s is lost", async (field) => {
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

test("the keyring has a hash tag of its own, and no expiry", async () => {
  await openWithKeyring();
  expect(await redis.admin.pttl(KEYRING)).toBe(-1);
});
