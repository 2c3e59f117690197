/**
 * What is acknowledged once more changes nothing, and is written all the same: WAIT waits for what its own connection wrote last, so that
 * without a write it would vouch for replicas that have nothing of it.
 */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { SCRIPTS } from "../../src/store/redis/scripts.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { redisOptions } from "./open-store.ts";
import { at, createFamily, digest, NOW, revocation, rotation } from "./store-under-test.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.remove());

/** What is done twice. */
type Work = () => Promise<unknown>;

const KEYRING = "assay:{keyring}";
const LOG = "assay:{revocations}:log";
const META = "assay:{revocations}:meta";

async function append({ revocations }: Store): Promise<Work> {
  const revoked = revocation();
  return () => revocations.append(revoked);
}

async function retry(store: Store): Promise<Work> {
  const id = await createFamily(store);
  return () => store.families.rotate(id, rotation());
}

async function put({ opaqueTokens }: Store): Promise<Work> {
  const token = digest();
  return () => opaqueTokens.put(token, Buffer.from("sealed"), NOW);
}

async function noteHealed(): Promise<Work> {
  const incarnation = (await redis.admin.hget(META, "incarnation")) ?? "";
  return () => redis.admin.eval(SCRIPTS.assayNoteHealed.lua, 2, META, LOG, incarnation, "lost", "5-0", "6-0", 10);
}

async function putBackKeyring({ keyrings }: Store): Promise<Work> {
  await keyrings.swap(0, "records");
  const { incarnation = "", root = "" } = await redis.admin.hgetall(KEYRING);
  return () => redis.admin.eval(SCRIPTS.assayPutBackKeyring.lua, 1, KEYRING, incarnation, 1, "records", root);
}

test.for<[name: string, begin: (store: Store) => Promise<Work>]>([
  ["a revocation that is held already", append],
  ["a rotation that is retried", retry],
  ["an opaque token that is there", put],
  ["a healing that was noted before", noteHealed],
  ["a keyring that is there", putBackKeyring],
])("%s is written again, and changes nothing", async ([, begin]) => {
  const store = await openRedisStore({ ...redisOptions(redis.url), clock: at(NOW) });
  onTestFinished(() => store.close());
  const work = await begin(store);
  await work();
  const [held, size] = [await contents(), await logSize()];
  await work();
  expect(await logSize()).toBeGreaterThan(size);
  expect(await contents()).toEqual(held);
});

/** Every key with its value and when it expires. */
async function contents(): Promise<unknown[]> {
  const keys = (await redis.admin.keysBuffer("*")).toSorted((one, other) => one.compare(other));
  return Promise.all(
    keys.map(async (key) => [key, await redis.admin.dumpBuffer(key), await redis.admin.pexpiretime(key)]),
  );
}

/** Of the append-only file, which gets what replicas get. */
async function logSize(): Promise<number> {
  const info = await redis.admin.info("persistence");
  return Number(/aof_current_size:(\d+)/.exec(info)?.[1]);
}
