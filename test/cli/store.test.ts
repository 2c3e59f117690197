import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { serveByCli } from "../wire/cli-server.ts";
import { assay } from "./run-assay.ts";

const INCARNATION = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);

async function emptyRedis() {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  return { redis, env: { ASSAY_STORE: redis.url } };
}

async function emptyFile() {
  const path = join(await temporaryDirectory(), "data", "assay.db");
  return { path, env: { ASSAY_STORE: `sqlite:${path}` } };
}

/** An SQLite store with one revoked token, which nobody has open any more. */
async function usedFile() {
  const { path } = await emptyFile();
  const env = { ASSAY_STORE: `sqlite:${path}`, ASSAY_KEYS_DIR: join(await temporaryDirectory(), "keys") };
  const server = await serveByCli({ env });
  const at = { env: { ASSAY_ADDRESS: server.address } };
  const issued = ["issue", "--client", "dev", "--subject", "a", "--audience", "https://api.example"];
  const token = await eventually("a token is issued", async () => {
    const { code, stdout } = await assay(issued, at);
    return code === 0 ? stdout.trim() : undefined;
  });
  // A busy machine may find the store unavailable for a moment.
  await eventually("it is revoked", async () => (await assay(["revoke", token], at)).code === 0 || undefined);
  server.signal("SIGTERM");
  await server.ended;
  return { path, env };
}

describe("store init", () => {
  test.each([
    ["an empty Redis", emptyRedis],
    ["a path without a file", emptyFile],
  ])("makes a store in %s, and refuses the one that is there then", async (_, place) => {
    const { env } = await place();
    const { code, stdout } = await assay(["store", "init", "--json"], { env });
    expect([code, JSON.parse(stdout)]).toEqual([0, { incarnation: INCARNATION }]);
    const again = await assay(["store", "init"], { env });
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("already")]);
  });

  test("names accept-loss where a part of a store has gone", async () => {
    const { redis, env } = await emptyRedis();
    await redis.admin.hset("assay:{revocations}:meta", "incarnation", "a");
    const { code, stderr } = await assay(["store", "init"], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("assay store accept-loss")]);
  });
});

describe("store accept-loss", () => {
  test.each([
    ["a Redis", emptyRedis],
    ["an SQLite file", emptyFile],
  ])("does nothing to %s that lacks nothing", async (_, place) => {
    const { env } = await place();
    await assay(["store", "init"], { env });
    const { code, stderr } = await assay(["store", "accept-loss", "--yes"], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("lacks nothing: nothing was done")]);
  });

  test("has a Redis store that an instance made meanwhile take over from the lost one that is named", async () => {
    const { env } = await emptyRedis();
    const lost = "fa18e01b-56c3-4dcf-abcb-3d49c0a8f78a";
    const made = await assay(["store", "init", "--json"], { env });
    const { code, stdout } = await assay(["store", "accept-loss", "--predecessor", lost, "--yes", "--json"], { env });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        accepted: true,
        ...JSON.parse(made.stdout),
        predecessors: [lost],
        lost: [],
        consequences: expect.arrayContaining([expect.stringContaining("lacks nothing, but is")]),
      },
    ]);
  });

  test("of a Redis store that waits for what was lost says so, and lets it open once nobody is left", async () => {
    const { redis, env } = await emptyRedis();
    await assay(["store", "init"], { env });
    await redis.admin.del("assay:{revocations}:live");
    const accepted = await assay(["store", "accept-loss", "--yes"], { env });
    expect([accepted.code, accepted.stdout]).toEqual([0, expect.stringContaining("say so: --nobody-left")]);

    const doctor = await assay(["doctor"], { env });
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining("accept-loss --nobody-left")]);
    const again = await assay(["store", "accept-loss", "--yes"], { env });
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("waits already")]);
    const given = await assay(["store", "accept-loss", "--nobody-left", "--yes"], { env });
    expect([given.code, given.stdout]).toEqual([0, expect.stringContaining("Nobody is waited for")]);
    expect((await assay(["doctor"], { env })).stdout).not.toContain("--nobody-left");
  });

  test("does nothing to a Redis of which nothing tells which store it held, unless nobody is left", async () => {
    const { redis, env } = await emptyRedis();
    await assay(["store", "init"], { env });
    await redis.admin.del("assay:{revocations}:live", "assay:{revocations}:meta");
    const refused = await assay(["store", "accept-loss", "--yes"], { env });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("does not tell which store it was")]);
    expect((await assay(["store", "accept-loss", "--nobody-left", "--yes"], { env })).code).toBe(0);
  });

  test("makes an SQLite store anew that lost its description of itself, with the revocations that are left", async () => {
    const { path, env } = await usedFile();
    change(path, "DELETE FROM meta");
    const refused = await assay(["serve"], { env: { ...env, ASSAY_LISTEN_ADDRESS: "127.0.0.1:0" } });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("assay store accept-loss")]);

    const { code, stdout } = await assay(["store", "accept-loss", "--yes", "--json"], { env });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        accepted: true,
        incarnation: INCARNATION,
        predecessors: [],
        lost: ["its description of itself"],
        consequences: expect.arrayContaining([
          expect.stringContaining("instances that run on the former must be stopped"),
        ]),
      },
    ]);
    expect(count(path)).toBe(1);
    expect((await assay(["keys", "list"], { env })).code).toBe(0);
  });

  test("takes live revocations that an SQLite store lost from what is left of its log", async () => {
    const { path, env } = await usedFile();
    change(path, "DROP TABLE live_revocations");
    expect((await assay(["store", "accept-loss", "--yes"], { env })).code).toBe(0);
    expect(count(path)).toBe(1);
  });

  test("refuses another program's database", async () => {
    const { path, env } = await emptyFile();
    await assay(["store", "init"], { env });
    change(path, "PRAGMA application_id = 1");
    const { code, stderr } = await assay(["store", "accept-loss", "--yes"], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining("another program")]);
  });
});

test("a password in the URL is never printed", async () => {
  const { redis } = await emptyRedis();
  const env = { ASSAY_STORE: redis.url.replace("redis://", "redis://operator:hunter2hunter2@") };
  for (const words of [["store", "init"], ["store", "accept-loss", "--yes"], ["doctor"], ["doctor", "--json"]]) {
    const { code, stdout, stderr } = await assay(words, { env });
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain("hunter2");
  }
});

test("a verifier's configuration is refused: it has no store", async () => {
  const directory = await temporaryDirectory();
  const yaml = [
    "role: verifier",
    "issuer: https://assay.example",
    "upstream: { authorities: [127.0.0.1:1] }",
    "callers: [{ name: a, unix_socket: true, permissions: [introspect], audiences: [b] }]",
    "listen: { address: unix:/run/a.sock }",
  ].join("\n");
  await writeFile(join(directory, "assay.yaml"), yaml);
  const { code, stderr } = await assay(["store", "init"], { cwd: directory });
  expect([code, stderr]).toEqual([1, expect.stringContaining("run this where an authority runs")]);
});

function change(path: string, statement: string): void {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

function count(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const { live } = database.prepare("SELECT count(*) AS live FROM live_revocations").get() ?? {};
  database.close();
  return live;
}
