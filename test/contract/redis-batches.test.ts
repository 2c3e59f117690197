/** Nothing piles up behind a node that is slow or frozen: neither here nor in its buffers. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { MOST_WAITING } from "../../src/store/redis/one-batch-at-a-time.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { follow } from "./recording-follower.ts";
import { revocation } from "./store-under-test.ts";

const TIMED_OUT = { code: "store_unavailable", cause: { message: "Command timed out" } };
const TOO_MUCH = { code: "store_unavailable", cause: { message: "too much waits for the store already" } };

async function server(extra: readonly string[] = []): Promise<RedisServer> {
  const redis = await startRedisServer({ extra });
  onTestFinished(() => redis.remove());
  return redis;
}

async function open({ url }: RedisServer, changes: Partial<RedisStoreOptions>): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(url), ...changes });
  onTestFinished(() => store.close());
  return store;
}

/** Appends, and is told whenever. */
function append(store: Store, one = revocation()): Promise<unknown> {
  const appended = store.revocations.append(one);
  appended.catch(() => undefined);
  return appended;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test("behind a WAIT for a frozen replica nothing is sent, and all goes together once it has answered", async () => {
  const redis = await server(["--repl-diskless-sync-delay", "0"]);
  const replica = await server(["--replicaof", "127.0.0.1", String(redis.port)]);
  await until("it follows", async () => /state=online/.test(await redis.admin.info("replication")) || undefined);
  const store = await open(redis, { replicas: 1, timeoutMs: 4_000 });
  replica.pause();
  const first = append(store);
  await until("it waits", async () => /blocked_clients:1\b/.test(await redis.admin.info("clients")) || undefined);
  const others = [append(store)];
  await turns(3);
  others.push(append(store));
  await turns(3);
  // Answered on another connection, after what lay in the sockets by then.
  await redis.admin.ping();
  expect(String(await redis.admin.client("LIST"))).not.toMatch(/qbuf=[1-9]\d* .*cmd=wait/);

  replica.resume();
  await Promise.all([first, ...others]);
  const { following } = await follow(store);
  await following.prove();
});

test("what timed out before it could be sent is never written", async () => {
  const redis = await server();
  const store = await open(redis, { timeoutMs: 250 });
  const [sent, waiting] = [revocation(), revocation()];
  await append(store);
  redis.pause();
  const first = append(store, sent);
  await turns(3);
  const second = append(store, waiting);
  await expect(first).rejects.toMatchObject(TIMED_OUT);
  await expect(second).rejects.toMatchObject(TIMED_OUT);
  redis.resume();

  const last = revocation();
  await until("it answers again", () =>
    append(store, last).then(
      () => true,
      () => undefined,
    ),
  );
  const digests = [sent, waiting, last].map((one) => one.digest);
  expect((await store.revocations.readSealed(digests)).map((one) => one !== undefined)).toEqual([true, false, true]);
});

test("no more than so many wait for a frozen store: who comes then is refused, and who has gone leaves room", async () => {
  const redis = await server();
  const store = await open(redis, { timeoutMs: 1_000 });
  await append(store);
  redis.pause();
  const sent = append(store);
  await turns(3);
  const waiting = Array.from({ length: MOST_WAITING }, () => append(store));
  await expect(append(store)).rejects.toMatchObject(TOO_MUCH);
  await Promise.allSettled([sent, ...waiting]);
  await expect(append(store)).rejects.toMatchObject(TIMED_OUT);
  redis.resume();
});
