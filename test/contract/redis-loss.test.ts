/** A Redis that lost everything or a part of it: what the operator decides, and what running instances put back. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { StartError } from "../../src/core/start-error.ts";
import { createGate, type RedisStoreEvent } from "../../src/store/redis/gate.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { acceptLoss, initRedisStore } from "../../src/store/redis/operator.ts";
import { lost } from "../../src/store/redis/revocations.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { revocation } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };

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

/** An instance that follows, holds a revocation, and has read a keyring. */
async function running(changes: Partial<RedisStoreOptions> = {}) {
  const store = await open(changes);
  await store.keyrings.swap(0, "records");
  await store.keyrings.read();
  const { follower, following } = await follow(store);
  const revoked = revocation();
  const { revision } = await store.revocations.append(revoked);
  await following.reach(revision);
  return { store, follower, following, revoked, revision };
}

async function closed(store: Store): Promise<string> {
  return until("the instance is closed", () => store.problem());
}

async function opened(store: Store): Promise<void> {
  await until("the instance is open", async () => ((await store.problem()) === undefined ? true : undefined));
}

function predecessorIn(sentence: string): string {
  return /accept-loss --predecessor ([0-9a-f-]{36})/.exec(sentence)?.[1] ?? "";
}

test("after FLUSHALL the follower doubts, proves nothing, and the sentence names the operator's command", async () => {
  const { store, follower, following, revision } = await running();
  await redis.admin.flushall();
  const sentence = await closed(store);
  expect(sentence).toContain(`assay store accept-loss --predecessor ${revision.split("/")[0]}`);
  await until("the follower doubts", () => follower.doubts > 0 || undefined);
  await expect(following.prove()).rejects.toMatchObject(UNAVAILABLE);
  expect(await redis.admin.dbsize()).toBe(0);
});

test("an accepted loss: the running instance puts back keyring and revocations, and opens", async () => {
  const events: RedisStoreEvent[] = [];
  const { store, follower, following, revoked, revision } = await running({ log: (event) => events.push(event) });
  await redis.admin.flushall();
  const predecessor = predecessorIn(await closed(store));
  const accepted = await acceptLoss(redisOptions(redis.url), predecessor);
  expect(accepted?.predecessors).toEqual([predecessor]);

  await opened(store);
  await following.prove();
  expect(follower.proofs.at(-1)?.revision).toContain(accepted?.incarnation);
  expect(await store.keyrings.read()).toEqual({ version: 1, records: "records" });
  expect(await store.revocations.readSealed([revoked.digest])).toEqual([Buffer.alloc(0)]);
  await following.reach(revision);
  expect(events.map(({ event }) => event)).toEqual(["store_opened", "store_closed", "store_healed", "store_opened"]);
});

test("several running instances go over to the new store, and none puts anything back twice", async () => {
  const [one, other] = [await running(), await running()];
  await redis.admin.flushall();
  const predecessor = predecessorIn(await closed(one.store));
  await acceptLoss(redisOptions(redis.url), predecessor);
  await Promise.all([opened(one.store), opened(other.store)]);
  await other.following.reach(one.revision);
  expect(await redis.admin.hlen("assay:{revocations}:live")).toBe(3);
  expect(await redis.admin.xlen("assay:{revocations}:log")).toBe(3);
});

test("an instance started after an accepted loss does not open before a running one has put back what it holds", async () => {
  const { store, revoked } = await running();
  await redis.admin.flushall();
  await acceptLoss(redisOptions(redis.url), predecessorIn(await closed(store)));
  const newcomer = await open();
  await opened(newcomer);
  // Of the live set: what is put back later comes by the log.
  expect((await follow(newcomer)).follower.find(revoked.digest)).toBeDefined();
  expect(await newcomer.keyrings.read()).toEqual({ version: 1, records: "records" });
});

test("where nobody is left who puts anything back, no instance opens before the operator says so", async () => {
  const { store } = await running();
  await redis.admin.flushall();
  const former = predecessorIn(await closed(store));
  await store.close();
  await acceptLoss(redisOptions(redis.url), former);

  const newcomer = await open();
  expect(await newcomer.problem()).toMatch(
    new RegExp(`made in place of ${former}, .*stays closed until .*accept-loss --nobody-left`),
  );
  await expect(follow(newcomer)).rejects.toMatchObject(UNAVAILABLE);
  await expect(newcomer.keyrings.swap(0, "others")).rejects.toMatchObject(UNAVAILABLE);

  expect(await acceptLoss(redisOptions(redis.url), undefined, true)).toMatchObject({ predecessors: [former] });
  await opened(newcomer);
  await expect(acceptLoss(redisOptions(redis.url), undefined, true)).resolves.toBeUndefined();
});

test("a loss of which nobody holds anything is accepted at once, when that is said", async () => {
  await (await running()).store.close();
  await redis.admin.del("assay:{revocations}:live");
  expect(await acceptLoss(redisOptions(redis.url), undefined, true)).toBeDefined();
  expect(await (await open()).problem()).toBeUndefined();
});

test("an instance that had not read the live set puts nothing back, and waits with the others", async () => {
  const { store } = await running();
  const late = await open();
  await late.keyrings.read();
  await redis.admin.flushall();
  const former = predecessorIn(await closed(store));
  await closed(late);
  await store.close();
  await acceptLoss(redisOptions(redis.url), former);
  await until("it says why", async () => (await late.problem())?.includes("nobody has put back yet") || undefined);
  expect(await redis.admin.hget("assay:{revocations}:meta", "awaited")).toBe(former);
});

test("what this instance put back into a store that is lost in turn, it puts back again", async () => {
  const { store, revoked } = await running();
  await redis.admin.flushall();
  await acceptLoss(redisOptions(redis.url), predecessorIn(await closed(store)));
  await opened(store);
  await redis.admin.flushall();
  await acceptLoss(redisOptions(redis.url), predecessorIn(await closed(store)));
  await opened(store);
  expect(await store.revocations.readSealed([revoked.digest])).toEqual([Buffer.alloc(0)]);
});

test("that the former store is lost closes the one that this instance has gone over to no more", () => {
  const gate = createGate("redis", () => undefined);
  gate.open({ incarnation: "second", durability: "local" });
  expect(lost({ gate, address: "redis" }, "first")).toMatchObject(UNAVAILABLE);
  expect(gate.problem()).toBeUndefined();
  lost({ gate, address: "redis" }, "second");
  expect(gate.problem()).toContain("accept-loss --predecessor second");
});

test("a loss accepted without naming the predecessor leaves the running instance closed, and naming it afterwards opens it", async () => {
  const { store } = await running();
  await redis.admin.flushall();
  const predecessor = predecessorIn(await closed(store));
  expect(await acceptLoss(redisOptions(redis.url))).toMatchObject({ predecessors: [] });
  await until("it says why", async () =>
    (await store.problem())?.includes("not the one") === true ? true : undefined,
  );
  await acceptLoss(redisOptions(redis.url), predecessor);
  await opened(store);
});

test("where a part is left it names the predecessor, and stays", async () => {
  const { store, revoked } = await running();
  await redis.admin.del("assay:{revocations}:live");
  const predecessor = predecessorIn(await closed(store));
  expect(await acceptLoss(redisOptions(redis.url))).toMatchObject({ predecessors: [predecessor] });
  await opened(store);
  expect(await store.revocations.readSealed([revoked.digest])).toEqual([Buffer.alloc(0)]);
  expect(await store.keyrings.read()).toEqual({ version: 1, records: "records" });
});

test("a lost keyring is put back by an instance that has read it, once the loss is accepted", async () => {
  const { store } = await running();
  await redis.admin.del("assay:{keyring}");
  await expect(store.keyrings.read()).rejects.toMatchObject(UNAVAILABLE);
  expect(await acceptLoss(redisOptions(redis.url))).toBeDefined();
  await opened(store);
  expect(await store.keyrings.read()).toEqual({ version: 1, records: "records" });
});

test("there is no loss to accept where nothing is missing", async () => {
  const { store } = await running();
  expect(await acceptLoss(redisOptions(redis.url))).toBeUndefined();
  expect(await store.problem()).toBeUndefined();
});

test("a store is made where there is nothing, found where there is one, and refused where a part is missing", async () => {
  const made = await initRedisStore(redisOptions(redis.url));
  expect(made.isNew).toBe(true);
  expect(await initRedisStore(redisOptions(redis.url))).toEqual({ ...made, isNew: false });
  await redis.admin.del("assay:{revocations}:live");
  await expect(initRedisStore(redisOptions(redis.url))).rejects.toThrow(StartError);
});

test("an entry that is removed from the log is noticed, and what it revoked put back", async () => {
  const events: string[] = [];
  const { follower, revoked, revision } = await running({ log: ({ event }) => events.push(event) });
  await redis.admin
    .multi()
    .xdel("assay:{revocations}:log", revision.split("/")[1] ?? "")
    .hdel("assay:{revocations}:live", revoked.digest)
    .exec();
  await until("the store is healed", () => events.includes("store_healed") || undefined);
  expect(follower.doubts).toBe(1);
  expect(await redis.admin.hexists("assay:{revocations}:live", revoked.digest)).toBe(1);
});

/** An instance that hears of entries by its proofs alone. */
async function withoutTail(changes: Partial<RedisStoreOptions> = {}): Promise<Store> {
  await redis.admin.acl("SETUSER", "assay", "on", ">secret", "~*", "+@all", "-xread");
  onTestFinished(async () => void (await redis.admin.acl("DELUSER", "assay")));
  return open({ ...changes, url: redis.url.replace("redis://", "redis://assay:secret@") });
}

test("what this instance appended and its follower has not seen is missed when it is gone", async () => {
  const events: string[] = [];
  const store = await withoutTail({ log: ({ event }) => events.push(event) });
  const { follower } = await follow(store);
  const { revision } = await store.revocations.append(revocation());
  await redis.admin.xdel("assay:{revocations}:log", revision.split("/")[1] ?? "");
  await until("the store is healed", () => events.includes("store_healed") || undefined);
  expect(follower.doubts).toBe(1);
});

test("the revision of what this instance appended, lost before its follower had seen it, is reached once it is put back", async () => {
  const events: string[] = [];
  const store = await withoutTail({ log: ({ event }) => events.push(event) });
  const { follower, following } = await follow(store);
  const acknowledged = await Promise.all(
    [revocation(), revocation(), revocation()].map(async (one) => {
      const { held, revision } = await store.revocations.append(one);
      // As a view does that has appended it.
      follower.takeHeld([held]);
      return revision;
    }),
  );
  await redis.admin
    .multi()
    .xdel("assay:{revocations}:log", ...acknowledged.map((revision) => revision.split("/")[1] ?? ""))
    .hdel("assay:{revocations}:live", ...[...follower.held()].map(({ digest }) => digest))
    .exec();
  await until("the store is healed", () => events.includes("store_healed") || undefined);
  for (const revision of acknowledged) {
    await expect(following.reach(revision)).resolves.toBeUndefined();
  }
  await expect(following.reach(`${acknowledged[0] ?? ""}0`)).rejects.toMatchObject(UNAVAILABLE);
});

test("proofs alone bring every entry, also more than one of them brings", async () => {
  const { follower, following } = await follow(await withoutTail());
  const { revocations } = await open();
  const revoked = Array.from({ length: 2_500 }, () => revocation());
  await Promise.all(revoked.map((one) => revocations.append(one)));
  await following.prove();
  await following.prove();
  expect(follower.entries.length).toBe(2_500);
});

test("a frozen Redis proves and reaches nothing within the time limit, also what was taken, and proves again once it thaws", async () => {
  const { following, follower, revision } = await running({ timeoutMs: 250 });
  redis.pause();
  try {
    await expect(following.prove()).rejects.toMatchObject(UNAVAILABLE);
    await expect(following.reach(revision)).rejects.toMatchObject(UNAVAILABLE);
  } finally {
    redis.resume();
  }
  const count = follower.proofs.length;
  await until("it is proved again", () => follower.proofs.length > count || undefined);
  expect(follower.doubts).toBe(0);
});

test("a Redis that goes and comes back with everything is followed on from where it was", async () => {
  const { store, follower } = await running();
  await redis.stop();
  await redis.restart();
  await opened(store);
  const revoked = revocation();
  await store.revocations.append(revoked);
  await until("the entry arrives", () => follower.find(revoked.digest));
  expect(follower.doubts).toBe(0);
});

test("a primary that is made a replica proves nothing", async () => {
  const { following } = await running();
  onTestFinished(async () => void (await redis.admin.replicaof("NO", "ONE")));
  await redis.admin.replicaof("127.0.0.1", 1);
  await expect(following.prove()).rejects.toMatchObject(UNAVAILABLE);
});

test("a Redis without memory is still proved", async () => {
  const { store, following } = await running();
  onTestFinished(async () => void (await redis.admin.config("SET", "maxmemory", "0")));
  await redis.admin.config("SET", "maxmemory", "100kb");
  await expect(store.revocations.append(revocation())).rejects.toMatchObject({ code: "store_full" });
  await expect(following.prove()).resolves.toBeUndefined();
});
