/** How many reads cost how many round trips, counted by Redis itself. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { redisOptions } from "./open-store.ts";
import { refusal } from "../support/core-requests.ts";
import { DAY, digest, fixedClock, newFamily, NOW } from "./store-under-test.ts";

const AT_ONCE = 100;

let server: RedisServer;
let proxy: TcpProxy;
beforeAll(async () => {
  server = await startRedisServer();
  proxy = await startTcpProxy(server.port);
});
beforeEach(() => server.admin.flushall());
afterAll(async () => {
  await proxy.close();
  await server.remove();
});

async function openStore() {
  const store = await openRedisStore({ ...redisOptions(`redis://127.0.0.1:${proxy.port}`), clock: fixedClock });
  onTestFinished(() => store.close());
  return store;
}

/** How often each command has been run since. */
async function counting() {
  await server.admin.config("RESETSTAT");
  return async (command: string): Promise<number> => {
    const line = (await server.admin.info("commandstats"))
      .split("\r\n")
      .find((told) => told.startsWith(`cmdstat_${command}:`));
    return Number(/calls=(\d+)/.exec(line ?? "")?.[1] ?? 0);
  };
}

test("opaque tokens that are looked up in one turn of the event loop take one command, and one look at the canary", async () => {
  const { opaqueTokens } = await openStore();
  const tokens = Array.from({ length: AT_ONCE }, () => ({ known: digest(), sealed: randomBytes(80) }));
  for (const { known, sealed } of tokens) await opaqueTokens.put(known, sealed, NOW + DAY);
  const callsOf = await counting();
  const asked = tokens.flatMap(({ known }) => [opaqueTokens.get(known), opaqueTokens.get(digest())]);
  expect(await Promise.all(asked)).toEqual(tokens.flatMap(({ sealed }) => [sealed, undefined]));
  expect([await callsOf("mget"), await callsOf("get"), await callsOf("hmget")]).toEqual([1, 0, 1]);
});

test("families that are read in one turn are all asked for before one is answered", async () => {
  const { families } = await openStore();
  const ids = Array.from({ length: AT_ONCE }, () => randomBytes(16));
  for (const id of ids) await families.create(id, newFamily());
  const callsOf = await counting();
  proxy.hold("to-client");
  const reads = Promise.all(ids.map((id) => families.read(id)));
  await until("all are asked for", async () => ((await callsOf("hmget")) === AT_ONCE ? true : undefined));
  proxy.resume();
  expect((await reads).map((record) => record?.generation)).toEqual(ids.map(() => 0));
});

test("when Redis has gone, each of those that were looked up together is unavailable", async () => {
  const { opaqueTokens, families } = await openStore();
  proxy.hold("to-client");
  const asked = [opaqueTokens.get(digest()), opaqueTokens.get(digest()), families.read(randomBytes(16))].map(refusal);
  const callsOf = await counting();
  await until("they are asked for", async () => ((await callsOf("mget")) === 1 ? true : undefined));
  proxy.cut();
  proxy.resume();
  expect(await Promise.all(asked)).toEqual(["store_unavailable", "store_unavailable", "store_unavailable"]);
});

test("when the store has lost its revocations, none of those that were looked up together is believed to be unknown", async () => {
  const { opaqueTokens } = await openStore();
  await server.admin.flushall();
  const asked = Array.from({ length: 3 }, () => refusal(opaqueTokens.get(digest())));
  expect(await Promise.all(asked)).toEqual(["store_unavailable", "store_unavailable", "store_unavailable"]);
});
