/** What the doctor says of the store itself, also while instances run on it. */
import { chmod, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveByCli } from "../wire/cli-server.ts";
import { assay } from "./run-assay.ts";

const report = z.object({ findings: z.array(z.object({ subject: z.string(), state: z.string(), says: z.string() })) });

/** State and sentence by subject: the last where there are several. */
async function doctor(env: NodeJS.ProcessEnv) {
  const { code, stdout } = await assay(["doctor", "--json"], { env, cwd: await temporaryDirectory() });
  const { findings } = report.parse(JSON.parse(stdout));
  return { code, of: new Map(findings.map(({ subject, state, says }) => [subject, `${state}: ${says}`])) };
}

async function redisServer(options: Parameters<typeof startRedisServer>[0] = {}): Promise<RedisServer> {
  const redis = await startRedisServer(options);
  onTestFinished(() => redis.remove());
  return redis;
}

/** An instance that runs, and the environment of an operator beside it. */
async function besideAnInstance(store: string) {
  const keys = join(await temporaryDirectory(), "keys");
  const env = { ASSAY_STORE: store, ASSAY_KEYS_DIR: keys };
  await serveByCli({ env });
  return env;
}

describe("of a Redis", () => {
  test("it tells version, settings, durability, latency, clock, revocations and keys beside a running instance", async () => {
    const { url } = await redisServer();
    const { code, of } = await doctor(await besideAnInstance(url));
    expect(code).toBe(0);
    expect(Object.fromEntries(of)).toMatchObject({
      store: expect.stringMatching(/^ok: .+ \d+\.\d+.* at 127\.0\.0\.1:\d+ answers\.$/),
      "store settings": expect.stringMatching(/^ok: .*appendfsync always/),
      "store durability": expect.stringMatching(/^ok: A single Redis.*not the loss of that machine/),
      "store latency": expect.stringContaining("A round trip takes"),
      "store clock": expect.stringMatching(/^ok: /),
      revocations: expect.stringMatching(/^ok: 0 are live and 1 entries in the log, in the store [0-9a-f-]{36}\.$/),
      heartbeat: expect.stringMatching(/^ok: /),
      "master key": expect.stringMatching(/^ok: /),
      keys: expect.stringMatching(/^ok: The next rotation is due at /),
    });
  });

  test("an empty one stays empty", async () => {
    const redis = await redisServer();
    const { code, of } = await doctor({ ASSAY_STORE: redis.url });
    expect([code, of.get("revocations")]).toEqual([0, expect.stringMatching(/^warning: There is no store/)]);
    expect(await redis.admin.dbsize()).toBe(0);
  });

  test("settings that lose or evict are a fault, each named with what it must be", async () => {
    const redis = await redisServer();
    await redis.admin.config("SET", "maxmemory-policy", "allkeys-lru");
    await redis.admin.config("SET", "no-appendfsync-on-rewrite", "yes");
    const { code, of } = await doctor({ ASSAY_STORE: redis.url });
    expect([code, of.get("store settings")]).toEqual([
      1,
      expect.stringMatching(
        /^fault: .*maxmemory-policy is allkeys-lru, must be noeviction.*no-appendfsync-on-rewrite is yes/,
      ),
    ]);
  });

  test("a replica is a fault", async () => {
    const primary = await redisServer();
    const { url } = await redisServer({ extra: ["--replicaof", "127.0.0.1", String(primary.port)] });
    const { code, of } = await doctor({ ASSAY_STORE: url });
    expect([code, of.get("store settings")]).toEqual([1, expect.stringContaining("is a replica")]);
  });

  test("fewer replicas than are promised are a fault, and one that is not promised is a warning", async () => {
    const primary = await redisServer();
    const promised = { ASSAY_STORE_URL: primary.url, ASSAY_STORE_DURABILITY: "replicated", ASSAY_STORE_REPLICAS: "1" };
    const lacking = await doctor(promised);
    expect([lacking.code, lacking.of.get("store settings")]).toEqual([
      1,
      expect.stringContaining("has 0 connected replicas"),
    ]);

    await redisServer({ extra: ["--replicaof", "127.0.0.1", String(primary.port)] });
    await primary.admin.wait(1, 0);
    const local = await doctor({ ASSAY_STORE: primary.url });
    expect([local.code, local.of.get("store durability")]).toEqual([
      0,
      expect.stringMatching(/^warning: .*Set store\.durability to replicated\. store\.replicas: 1/),
    ]);
  });

  test("memory that is nearly full is a warning", async () => {
    const { url, admin } = await redisServer();
    const used = Number(/^used_memory:(\d+)/m.exec(await admin.info("memory"))?.[1]);
    await admin.config("SET", "maxmemory", Math.ceil(used * 1.1));
    const { code, of } = await doctor({ ASSAY_STORE: url });
    expect([code, of.get("store memory")]).toEqual([0, expect.stringContaining("Raise maxmemory")]);
  });
});

describe("of an SQLite file", () => {
  test("it tells file, permissions, disk, revocations and keys beside a running instance", async () => {
    const path = join(await temporaryDirectory(), "assay.db");
    const { code, of } = await doctor(await besideAnInstance(`sqlite:${path}`));
    expect(code).toBe(0);
    expect(Object.fromEntries(of)).toMatchObject({
      store: expect.stringMatching(
        /^ok: The file .* in journal mode wal.*synchronous FULL.*; (open in process|no process)/,
      ),
      "store permissions": expect.stringMatching(/^ok: /),
      "store disk": expect.stringContaining("GiB are free"),
      revocations: expect.stringMatching(/^ok: 0 are live and 0 entries in the log/),
      keys: expect.stringMatching(/^ok: /),
    });
  });

  test("where nobody has it open, nothing is left beside it", async () => {
    const directory = await temporaryDirectory();
    const env = { ASSAY_STORE: `sqlite:${join(directory, "assay.db")}` };
    await assay(["store", "init"], { env });
    const before = await stat(join(directory, "assay.db"));
    expect((await doctor(env)).code).toBe(0);
    expect(await readdir(directory)).toEqual(["assay.db"]);
    expect((await stat(join(directory, "assay.db"))).mtimeMs).toBe(before.mtimeMs);
  });

  test("a file that others may read is a warning", async () => {
    const path = join(await temporaryDirectory(), "assay.db");
    const env = { ASSAY_STORE: `sqlite:${path}` };
    await assay(["store", "init"], { env });
    await chmod(path, 0o644);
    const { code, of } = await doctor(env);
    expect([code, of.get("store permissions")]).toEqual([0, expect.stringMatching(/^warning: .*0644.*chmod 600/)]);
  });
});

test("keys that the master key here does not open are a fault", async () => {
  const { url } = await redisServer();
  await besideAnInstance(url);
  const { stdout } = await assay(["doctor", "--json"], { env: { ASSAY_STORE: url }, cwd: await temporaryDirectory() });
  expect(report.parse(JSON.parse(stdout)).findings).toContainEqual({
    subject: "keys",
    state: "fault",
    says: expect.stringContaining("the master key that opens them is not here"),
  });
});
