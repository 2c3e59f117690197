/** What a running instance does when its Redis goes, freezes, forgets, fills up or turns unsafe. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { createFamily, digest, revocation, rotation } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };
/** After `timeoutMs`: a connection on which nothing comes back is given up much later. */
const TIMED_OUT = { ...UNAVAILABLE, cause: { message: "Command timed out" } };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

async function open(changes: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(redis.url), ...changes });
  onTestFinished(() => store.close());
  return store;
}

/** Whether the live set holds them. */
async function held({ revocations }: Store, ...digests: readonly Buffer[]): Promise<boolean[]> {
  return (await revocations.readSealed(digests)).map((sealed) => sealed !== undefined);
}

async function opened(store: Store): Promise<void> {
  await until("the store is open", async () => ((await store.problem()) === undefined ? true : undefined));
}

async function problemOf(store: Store, pattern: RegExp): Promise<string> {
  return until(`the problem is ${pattern}`, async () => {
    const problem = await store.problem();
    return problem !== undefined && pattern.test(problem) ? problem : undefined;
  });
}

test("a Redis that goes and comes back: unavailable meanwhile, nothing lost, no crash", async () => {
  const store = await open();
  const revoked = revocation();
  const { revision } = await store.revocations.append(revoked);
  await redis.stop();
  await problemOf(store, /cannot be reached/);
  await expect(held(store, revoked.digest)).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.opaqueTokens.get(digest())).rejects.toMatchObject(UNAVAILABLE);

  await redis.restart();
  await opened(store);
  expect(await held(store, revoked.digest)).toEqual([true]);
  expect(await store.revocations.append({ ...revoked, keep: 1 })).toMatchObject({ revision });
});

test("what was acknowledged is there after kill -9 of the server", async () => {
  const store = await open();
  const [revoked, id] = [revocation(), await createFamily(store)];
  await store.revocations.append(revoked);
  await store.families.rotate(id, rotation());
  await redis.kill();
  await redis.restart();
  await opened(store);
  expect(await held(store, revoked.digest)).toEqual([true]);
  expect(await store.families.read(id)).toMatchObject({ generation: 1 });
});

test("FLUSHALL closes the store: an empty read is never taken for nothing revoked", async () => {
  const store = await open();
  const revoked = revocation();
  await store.revocations.append(revoked);
  await redis.admin.flushall();
  await expect(held(store, revoked.digest)).rejects.toMatchObject(UNAVAILABLE);
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  await expect(createFamily(store)).rejects.toMatchObject(UNAVAILABLE);
  await problemOf(store, /has lost everything it held.*stays closed/);
  expect(await redis.admin.dbsize()).toBe(0);
});

test.each([
  ["a family", (store: Store) => store.families.read(digest())],
  ["an opaque token", (store: Store) => store.opaqueTokens.get(digest())],
  ["a family to rotate", (store: Store) => store.families.rotate(digest(), rotation())],
])("FLUSHALL is noticed by whoever looks for %s: it is not taken for unknown", async (_what, look) => {
  const store = await open();
  await redis.admin.flushall();
  await expect(look(store)).rejects.toMatchObject(UNAVAILABLE);
});

test("FLUSHALL is noticed by a revocation and by the readiness check too", async () => {
  const [one, other] = [await open(), await open()];
  await redis.admin.flushall();
  await expect(one.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  expect(await other.problem()).toMatch(/has lost its revocations/);
  await expect(other.purge()).rejects.toMatchObject(UNAVAILABLE);
});

test("an instance never goes over to a store that was made after its own was lost", async () => {
  const store = await open();
  await redis.admin.flushall();
  await expect(store.purge()).rejects.toMatchObject(UNAVAILABLE);
  const restarted = await open();
  expect(await restarted.problem()).toBeUndefined();
  await problemOf(store, /not the one that this instance opened/);
  await expect(held(store, digest())).rejects.toMatchObject(UNAVAILABLE);
});

test("an instance that has not noticed the loss writes nothing into the store made since", async () => {
  const [appending, purging] = [await open(), await open()];
  await redis.admin.flushall();
  const restarted = await open();
  const revoked = revocation();
  await expect(appending.revocations.append(revoked)).rejects.toMatchObject(UNAVAILABLE);
  await expect(purging.purge()).rejects.toMatchObject(UNAVAILABLE);
  expect(await held(restarted, revoked.digest)).toEqual([false]);
});

test("a lost live set closes the store although log and meta are there", async () => {
  const store = await open();
  await redis.admin.del("assay:{revocations}:live");
  await expect(held(store, digest())).rejects.toMatchObject(UNAVAILABLE);
  await problemOf(store, /has lost/);
});

test("a frozen Redis is unavailable before it thaws, and answers afterwards", async () => {
  const store = await open({ timeoutMs: 250 });
  const revoked = revocation();
  await store.revocations.append(revoked);
  redis.pause();
  try {
    await expect(held(store, revoked.digest)).rejects.toMatchObject(TIMED_OUT);
    await expect(store.families.rotate(digest(), rotation())).rejects.toMatchObject(TIMED_OUT);
    await expect(store.networks.count(digest(), digest(), 60_000)).rejects.toMatchObject(TIMED_OUT);
    expect(await store.problem()).toMatch(/does not answer/);
  } finally {
    redis.resume();
  }
  await opened(store);
  expect(await held(store, revoked.digest)).toEqual([true]);
});

test("a Redis that is frozen at the start gives a closed store, which opens at the thaw", async () => {
  redis.pause();
  const store = await open({ timeoutMs: 250 }).finally(() => redis.resume());
  await opened(store);
  expect(await held(store, digest())).toEqual([false]);
});

test("SCRIPT FLUSH goes unnoticed", async () => {
  const store = await open();
  const id = await createFamily(store);
  await redis.admin.script("FLUSH");
  expect(await store.families.rotate(id, rotation())).toMatchObject({ outcome: "rotated" });
});

test("a Redis without memory says that it is full, has written nothing, and still answers", async () => {
  const store = await open();
  const [kept, refused] = [revocation(), revocation()];
  await store.revocations.append(kept);
  onTestFinished(async () => void (await redis.admin.config("SET", "maxmemory", "0")));
  await redis.admin.config("SET", "maxmemory", "100kb");
  await expect(store.revocations.append(refused)).rejects.toMatchObject({ code: "store_full" });
  await expect(createFamily(store)).rejects.toMatchObject({ code: "store_full" });
  await expect(store.networks.count(digest(), digest(), 60_000)).rejects.toMatchObject({ code: "store_full" });
  expect(await held(store, kept.digest, refused.digest)).toEqual([true, false]);
  expect(await redis.admin.xlen("assay:{revocations}:log")).toBe(2);
});

test.for([
  ["appendfsync", "everysec", "always"],
  ["maxmemory-policy", "allkeys-lru", "noeviction"],
] as const)("%s set to %s under an open store closes it, and setting it back opens it", async ([name, bad, good]) => {
  const store = await open();
  onTestFinished(async () => void (await redis.admin.config("SET", name, good)));
  await redis.admin.config("SET", name, bad);
  await problemOf(store, new RegExp(`may lose or evict.*${name} is ${bad}, must be ${good}`));
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  await redis.admin.config("SET", name, good);
  await opened(store);
  expect(await store.revocations.append(revocation())).toMatchObject({ durability: "local" });
});

test("a primary that is made a replica under an open store closes it, and opens it as a primary again", async () => {
  const store = await open();
  onTestFinished(async () => void (await redis.admin.replicaof("NO", "ONE")));
  await redis.admin.replicaof("127.0.0.1", 1);
  await problemOf(store, /is a replica/);
  await expect(held(store, digest())).rejects.toMatchObject(UNAVAILABLE);
  await redis.admin.replicaof("NO", "ONE");
  await opened(store);
});

test("a trial whose Redis turns unsafe stays open and acknowledges as volatile from then on", async () => {
  const store = await open({ allowVolatile: true });
  expect(await store.revocations.append(revocation())).toMatchObject({ durability: "local" });
  onTestFinished(async () => void (await redis.admin.config("SET", "appendfsync", "always")));
  await redis.admin.config("SET", "appendfsync", "everysec");
  await until("revocations are acknowledged as volatile", async () =>
    (await store.revocations.append(revocation())).durability === "volatile" ? true : undefined,
  );
  expect(await store.problem()).toBeUndefined();
});

test.for([
  ["config", /does not let this user read its settings/],
  ["info", /cannot be used yet/],
] as const)("a user who loses the command %s under an open store closes it", async ([command, problem]) => {
  await redis.admin.acl("SETUSER", "assay", "on", ">secret", "~*", "+@all");
  onTestFinished(async () => void (await redis.admin.acl("DELUSER", "assay")));
  const store = await open({ url: redis.url.replace("redis://", "redis://assay:secret@") });
  await redis.admin.acl("SETUSER", "assay", `-${command}`);
  await problemOf(store, problem);
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  await redis.admin.acl("SETUSER", "assay", `+${command}`);
  await opened(store);
});

test("settings that turned unsafe are seen at the next connection, and mending them opens the store again", async () => {
  const store = await open();
  onTestFinished(async () => void (await redis.admin.config("SET", "appendfsync", "always")));
  await redis.admin.config("SET", "appendfsync", "everysec");
  await redis.disconnectClients();
  await problemOf(store, /appendfsync is everysec, must be always/);
  await redis.admin.config("SET", "appendfsync", "always");
  await opened(store);
  expect(await held(store, digest())).toEqual([false]);
});

test("a primary that became a replica is refused at the next connection", async () => {
  const store = await open();
  onTestFinished(async () => void (await redis.admin.replicaof("NO", "ONE")));
  await redis.admin.replicaof("127.0.0.1", 1);
  await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
  await redis.disconnectClients();
  await problemOf(store, /is a replica/);
});

test("revocations carry no TTL, all that is of one token or family does", async () => {
  const { revocations, families, opaqueTokens, replays, networks, clock } = await open();
  await revocations.append(revocation());
  const now = clock.now();
  const record = { macKeyId: 1, rotatedAt: now, idleExpiresAt: now + 60_000, expiresAt: now + 60_000 };
  await families.create(digest(), { ...record, sealed: Buffer.from("sealed") });
  await opaqueTokens.put(digest(), Buffer.from("sealed"), now + 60_000);
  await replays.remember(digest(), undefined, now + 60_000);
  const token = digest();
  for (let network = 0; network < 3; network++) await networks.count(token, digest(), 60_000);
  await families.kill(digest());
  for (const key of await redis.admin.keys("*")) {
    const ttl = await redis.admin.pttl(key);
    expect(ttl === -1).toBe(key.startsWith("assay:{revocations}:"));
    expect(ttl).toBeLessThanOrEqual(key.startsWith("assay:networks:") ? 60_000 : Infinity);
  }
});

test("a dump of the server holds what was written, in the values and in the files", async () => {
  const store = await open();
  const sealed = Buffer.from("a sealed revocation");
  await store.revocations.append(revocation({ sealed }));
  const occurrences = (await redis.dump()).toString("latin1").split(sealed.toString("latin1")).length - 1;
  // Once in the log and once in the live set; the rest in the append-only file.
  expect(occurrences).toBeGreaterThan(2);
});
