/** Which Redis is accepted at a start, and what is said of one that is not. */
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { RedisStoreEvent } from "../../src/store/redis/gate.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, type RedisServerOptions, startRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { refusalOf } from "./refusal-of.ts";
import { digest, revocation } from "./store-under-test.ts";

async function server(options: RedisServerOptions = {}): Promise<RedisServer> {
  const started = await startRedisServer(options);
  onTestFinished(() => started.remove());
  return started;
}

async function open(url: string, changes: Partial<RedisStoreOptions> = {}): Promise<Store> {
  const store = await openRedisStore({ ...redisOptions(url), ...changes });
  onTestFinished(() => store.close());
  return store;
}

test("a Redis with default settings is refused by a sentence that names each setting and the way round for a trial", async () => {
  const { url } = await server({ safe: false });
  const message = await refusalOf(open(url));
  expect(message).toContain("appendonly is no, must be yes");
  expect(message).toContain("appendfsync is everysec, must be always");
  expect(message).not.toContain("maxmemory-policy");
  expect(message).toContain("store.unsafe_allow_volatile: true (ASSAY_STORE_UNSAFE_ALLOW_VOLATILE=true)");
});

test("a Redis that evicts, or skips its fsync while it rewrites, is refused", async () => {
  const { url } = await server({ extra: ["--maxmemory-policy", "allkeys-lru", "--no-appendfsync-on-rewrite", "yes"] });
  const message = await refusalOf(open(url));
  expect(message).toContain("maxmemory-policy is allkeys-lru, must be noeviction");
  expect(message).toContain("no-appendfsync-on-rewrite is yes, must be no");
});

test("a trial on an unsafe Redis acknowledges as volatile, and warns", async () => {
  const { url } = await server({ safe: false });
  const events: RedisStoreEvent[] = [];
  const store = await open(url, { allowVolatile: true, log: (event) => events.push(event) });
  expect(await store.revocations.append(revocation())).toMatchObject({ durability: "volatile" });
  expect(events).toMatchObject([{ level: "warn", event: "store_opened" }]);
});

test("where CONFIG is forbidden the operator must attest, and is believed", async () => {
  const { url, admin } = await server();
  await admin.acl("SETUSER", "assay", "on", ">secret", "~*", "+@all", "-config");
  const asUser = url.replace("redis://", "redis://assay:secret@");
  expect(await refusalOf(open(asUser))).toContain("store.attest_durable: true (ASSAY_STORE_ATTEST_DURABLE=true)");
  const store = await open(asUser, { attestDurable: true });
  expect(await store.revocations.append(revocation())).toMatchObject({ durability: "local" });
});

test("attesting does not help a Redis that shows unsafe settings", async () => {
  const { url } = await server({ safe: false });
  expect(await refusalOf(open(url, { attestDurable: true }))).toContain("appendonly is no");
});

test("a wrong password is refused without showing it", async () => {
  const { url, port, admin } = await server();
  await admin.acl("SETUSER", "default", ">right");
  const events: RedisStoreEvent[] = [];
  const wrong = url.replace("redis://", "redis://default:xyzzy@");
  await admin.acl("SETUSER", "default", "resetpass", ">right");
  const message = await refusalOf(open(wrong, { log: (event) => events.push(event) }));
  expect(message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} refuses this user.*Correct the user and password`));
  expect(message + JSON.stringify(events)).not.toContain("xyzzy");
});

test("a password that is needed and not given is refused", async () => {
  const { url, admin } = await server();
  await admin.acl("SETUSER", "default", "resetpass", ">right");
  expect(await refusalOf(open(url))).toContain("refuses this user");
});

test("user, password and database come percent-encoded from the URL", async () => {
  const { url, admin } = await server();
  await admin.acl("SETUSER", "as:say", "on", ">p@ss/word", "~*", "+@all");
  const store = await open(`${url.replace("redis://", "redis://as%3Asay:p%40ss%2Fword@")}/3`);
  await store.revocations.append(revocation());
  await admin.select(3);
  expect(await admin.exists("assay:{revocations}:live")).toBe(1);
});

test.for([
  "http://host:1",
  "redis://",
  "redis:///1",
  "redis://u:hush@h/notadb",
  "redis://u:hush%@h",
  "redis://u:hush@h?db=1",
])("the URL %s is refused without showing it", async (url) => {
  const message = await refusalOf(openRedisStore(redisOptions(url)));
  expect(message).toContain("store.url must be redis://");
  expect(message).not.toContain("hush");
});

test("a replica is refused", async () => {
  const { url, admin, port } = await server();
  await admin.replicaof("127.0.0.1", port === 1 ? 2 : 1);
  expect(await refusalOf(open(url))).toMatch(/is a replica.*Name its primary in store\.url/);
});

test("a store of which a part is missing is refused", async () => {
  const { url, admin } = await server();
  await (await open(url)).close();
  await admin.del("assay:{revocations}:live");
  expect(await refusalOf(open(url))).toMatch(/has lost a part of itself.*stays closed/);
});

test("a Redis that is absent at the start gives a closed store that says where it looks, and opens when it appears", async () => {
  const redis = await server();
  await redis.stop();
  const store = await open(redis.url);
  expect(await store.problem()).toMatch(new RegExp(`127\\.0\\.0\\.1:${redis.port} cannot be reached.*Start it`));
  await expect(store.revocations.readSealed([digest()])).rejects.toMatchObject({ code: "store_unavailable" });
  await expect(store.families.kill(digest())).rejects.toMatchObject({ code: "store_unavailable" });

  await redis.restart();
  await until("the store opens", async () => ((await store.problem()) === undefined ? true : undefined));
  expect(await store.revocations.readSealed([digest()])).toEqual([undefined]);
});

test("a Redis that was absent and appears unsafe leaves the store closed, and opens it once it is mended", async () => {
  const redis = await server({ safe: false });
  await redis.stop();
  const store = await open(redis.url);
  await redis.restart();
  await until("the settings are named", async () => (await store.problem())?.match(/appendonly is no/) ?? undefined);
  await expect(store.revocations.append(revocation())).rejects.toMatchObject({ code: "store_unavailable" });

  await redis.admin.config("SET", "appendonly", "yes", "appendfsync", "always");
  await until("the store opens", async () => ((await store.problem()) === undefined ? true : undefined));
});
