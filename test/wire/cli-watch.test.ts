import { once } from "node:events";
import { expect, test } from "vitest";
import { assay, spawnAssay } from "../cli/run-assay.ts";
import { eventually } from "../support/eventually.ts";
import { API, ISSUER, startServer, testCaller } from "../support/server.ts";
import { serveByCli } from "./cli-server.ts";
import { watchByCli as watch } from "./watch-by-cli.ts";

test("each revocation is a line in plain words, until it is interrupted", async () => {
  const server = await startServer();
  const client = server.client();
  await client.revoke({ subject: { sub: "alice" }, born_at_or_before: 1_700_000_000, reason: "laptop lost" });
  const watching = watch(server.address);
  expect(await watching.line(/alice/)).toBe(
    `revoked the subject alice of ${ISSUER}, what was born until 2023-11-14T22:13:20.999Z: laptop lost`,
  );
  await watching.says("up to date");
  await client.revoke({ key_id: "k1" });
  expect(await watching.line(/k1/)).toBe(`revoked the key k1 of ${ISSUER}, for good`);
  expect(await watching.interrupt()).toBe(0);
});

test("--json prints one object a line, which says from where to go on; --after goes on from there", async () => {
  const server = await startServer();
  const client = server.client();
  const watching = watch(server.address, ["--json"]);
  await watching.says("up to date");
  const { revision = "" } = await client.revoke({ subject: { sub: "alice" }, reason: "laptop lost" });
  const told: unknown = JSON.parse(await watching.line(/alice/));
  expect(told).toMatchObject({ iss: ISSUER, sub: "alice", reason: "laptop lost", revision });
  expect(told).toMatchObject({
    digest: expect.stringMatching(/^[\w-]{22}$/),
    born_at_or_before_ms: expect.any(Number),
  });
  expect(await watching.interrupt()).toBe(0);
  await client.revoke({ subject: { sub: "bob" } });
  const next = watch(server.address, ["--json", "--after", revision]);
  await next.line(/bob/);
  expect(next.out()).toHaveLength(1);
});

test("what a reason holds does not command the terminal", async () => {
  const server = await startServer();
  const { revision } = await server.client().revoke({ subject: { sub: "a\u202Eb" }, reason: "x\u202Ey" });
  expect(revision).toBeDefined();
  expect(await watch(server.address).line(/subject/)).toContain("a\\u202eb");
});

test("when the service restarts it connects again and goes on after the last revision", async () => {
  const first = await serveByCli();
  const { address, directory } = first;
  const watching = watch(address);
  await watching.says("up to date");
  const revoke = (sub: string) => assay(["revoke", "--subject", sub], { env: { ASSAY_ADDRESS: address } });
  await revoke("alice");
  await watching.line(/alice/);
  first.signal("SIGTERM");
  await first.ended;
  await watching.says(/interrupted: .*[\s\S]*connecting again in [\d.]+ s, after /);
  const again = spawnAssay(["serve"], { cwd: directory, env: { ASSAY_LISTEN_ADDRESS: address } });
  await eventually("bob is revoked", async () => ((await revoke("bob")).code === 0 ? true : undefined), 30_000);
  await watching.line(/bob/);
  expect(await watching.interrupt()).toBe(0);
  again.kill("SIGTERM");
  await once(again, "close");
}, 60_000);

test("who may not watch, and where nothing listens, is said at once", async () => {
  const { entry, secret } = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });
  const server = await startServer({ development: false, callers: [entry] });
  const refused = await assay(["watch"], { env: { ASSAY_ADDRESS: server.address, ASSAY_SECRET: secret } });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("PERMISSION_MISSING")]);
  const alone = await assay(["watch", "--json"], { env: { ASSAY_ADDRESS: "127.0.0.1:1" } });
  expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining("Nothing listens")]);
  const wrong = await assay(["watch", "--after", "yesterday"], {
    env: { ASSAY_ADDRESS: server.address, ASSAY_SECRET: secret },
  });
  expect(wrong.code).toBe(1);
});
