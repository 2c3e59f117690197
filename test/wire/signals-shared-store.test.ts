/** Two instances on one Redis: what one finds, who watches the other is told. */
import { randomBytes } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServer, type TestServer } from "../support/server.ts";
import type { ToldSignal } from "../support/signal-watch.ts";
import { aSignal, asEntry, reuseRefreshToken } from "../support/signals.ts";

const STREAM = "assay:{signals}";
const REUSE = { kind: "refresh_token_reuse" };

async function redisServer(): Promise<RedisServer> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return redis;
}

/** What starts an instance, any number of times. */
function instancesOn({ url }: RedisServer): () => Promise<TestServer> {
  const settings = { store: url, keys: { master_key: randomBytes(32).toString("base64url") } };
  return () => startServer(settings);
}

test("each is told what the other finds, once, and who starts later is told the latest", async () => {
  const start = instancesOn(await redisServer());
  const clients = [(await start()).client(), (await start()).client()];
  const watches = clients.map((client) => client.watchSignals());
  await Promise.all(watches.map((watch) => watch.begun()));
  for (const client of clients) await reuseRefreshToken(client, API);
  const [here, there] = await Promise.all(watches.map((watch) => watch.hasTold(2)));
  expect(ids(there)).toEqual(ids(here));

  const late = (await start()).client();
  const latest = await eventually("the late one has them", async () => {
    const watch = late.watchSignals({ latest: 10 });
    await watch.begun();
    // Those that it has come with the next message.
    await eventually("a message more", () => watch.steps.length > 1 || undefined);
    watch.cancel();
    return watch.told().length > 0 ? watch.told() : undefined;
  });
  expect(ids(latest)).toEqual(ids(here));
  for (const watch of watches) expect(watch.told()).toHaveLength(2);
});

test("what lies in the store are fingerprints, names and words of ours, and no more than about a thousand of them", async () => {
  const redis = await redisServer();
  const client = (await instancesOn(redis)()).client();
  const watch = client.watchSignals();
  await watch.begun();
  const { sid } = await reuseRefreshToken(client, API);
  await watch.hasTold(1);
  const [, [, value = ""]] = await eventually("it is in the stream", async () => {
    const [entry] = await redis.admin.xrange(STREAM, "-", "+");
    return entry;
  });
  const stored: unknown = JSON.parse(value);
  expect(stored).toMatchObject({
    ...REUSE,
    clientId: "web",
    familyFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  for (const personal of ["alice", sid, API, "127.0.0.1"]) expect(value).not.toContain(personal);

  for (let count = 0; count < 1_500; count++) await redis.admin.xadd(STREAM, "*", ...asEntry(aSignal()));
  await reuseRefreshToken(client, API);
  await eventually("the stream is cut", async () => ((await redis.admin.xlen(STREAM)) < 1_200 ? true : undefined));
});

test("what is no signal in the store is left out and counted, and what comes after it is told", async () => {
  const redis = await redisServer();
  const server = await instancesOn(redis)();
  const client = server.client();
  const watch = client.watchSignals();
  await watch.begun();
  const lies = [
    ["s", "{"],
    ["s", "7"],
    ["other", JSON.stringify(aSignal())],
    asEntry({ ...aSignal(), kind: "none_of_ours" }),
    asEntry({ ...aSignal(), caller: "\u001B[2Jadmin" }),
    asEntry({ ...aSignal(), detail: "x".repeat(5_000) }),
  ];
  for (const fields of lies) await redis.admin.xadd(STREAM, "*", ...fields);
  const good = aSignal();
  await redis.admin.xadd(STREAM, "*", ...asEntry(good));
  expect((await watch.hasTold(1)).map(({ id }) => id)).toEqual([good.id]);
  expect(server.log()).toContain('"unreadable":');
  expect(server.log()).not.toContain("none_of_ours");
});

test("a place in the store that cannot be written or read holds up nothing, and once it can, what waited is told", async () => {
  const redis = await redisServer();
  await redis.admin.set(STREAM, "something else");
  const start = instancesOn(redis);
  const [one, other] = [(await start()).client(), (await start()).client()];
  const [here, there] = [one.watchSignals(), other.watchSignals()];
  await Promise.all([here.begun(), there.begun()]);
  await reuseRefreshToken(one, API);
  const [signal] = await here.hasTold(1);
  await turn();
  expect(there.told()).toEqual([]);
  await redis.admin.del(STREAM);
  await eventually("the other has it", async () => {
    const latest = other.watchSignals({ latest: 10 });
    await latest.begun();
    await eventually("a message more", () => latest.steps.length > 1 || undefined);
    latest.cancel();
    return latest.told().some(({ id }) => id === signal?.id) || undefined;
  });
});

test("after the connections have been lost, and after Redis has started anew, signals are told again", async () => {
  const redis = await redisServer();
  const start = instancesOn(redis);
  const [one, other] = [(await start()).client(), (await start()).client()];
  const watch = other.watchSignals();
  await watch.begun();
  const nextIsTold = async (): Promise<void> => {
    const before = watch.told().length;
    await eventually("a theft is seen", () => reuseRefreshToken(one, API).catch(() => undefined));
    await watch.hasTold(before + 1);
  };
  await nextIsTold();
  await redis.disconnectClients();
  await nextIsTold();
  await redis.kill();
  await redis.restart();
  await nextIsTold();
  expect(watch.told().length).toBeGreaterThanOrEqual(3);
}, 60_000);

function ids(told: readonly ToldSignal[] = []): ReadonlySet<string> {
  return new Set(told.map(({ id }) => id));
}
