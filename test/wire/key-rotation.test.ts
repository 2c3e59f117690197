/** Two instances that share a Redis and a master key, nothing else: their keys rotate and are revoked while they work. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { listOwnKeys, rotateOwnKeys } from "../../src/compose/own-keys.ts";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { API, startServer, type TestServer } from "../support/server.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

type Pair = { servers: [TestServer, TestServer]; one: TestClient; other: TestClient };

const published = z.object({ keys: z.array(z.object({ kid: z.string() })) });

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
beforeEach(() => redis.admin.flushall());
afterAll(() => redis.remove());

test("while signing and MAC keys rotate, no token minted at one instance is refused at the other", async () => {
  const { servers, one, other } = await pair();
  const kids = new Set<string>();
  const macs = new Set<string>();
  let refused = 0;
  let verified = 0;
  const stopped = new AbortController();
  const work = async (minting: TestClient, asked: TestClient): Promise<void> => {
    while (!stopped.signal.aborted) {
      const { access_token: access, refresh_token: refresh = "" } = await mint(minting, true);
      kids.add(kidOf(access));
      const answers = await Promise.all([
        asked.introspect({ token: access }),
        asked.introspect({ token: refresh }),
        minting.introspect({ token: access }),
      ]);
      const next = await asked.issue({ refresh: { client_id: "web", refresh_token: refresh } });
      answers.push(await minting.introspect({ token: next.access_token }));
      verified += answers.length;
      refused += answers.filter(({ active }) => active !== true).length;
    }
  };
  const load = Promise.all([work(one, other), work(other, one)]);
  onTestFinished(async () => {
    stopped.abort();
    await load.catch(() => undefined);
  });

  for (const [round, algorithm] of (["ES256", "EdDSA"] as const).entries()) {
    const made = await rotateOwnKeys(servers[0].config, { kinds: ["signing", "mac"], algorithm });
    const signing = made.find(({ kind }) => kind === "signing")?.id ?? "";
    macs.add(made.find(({ kind }) => kind === "mac")?.id ?? "");
    await eventually(`rotation ${round} is in use`, () => (kids.has(signing) ? true : undefined));
  }
  stopped.abort();
  await load;
  expect(kids.size).toBe(3);
  expect(refused).toBe(0);
  expect(verified).toBeGreaterThan(100);
  const keys = await listOwnKeys(servers[0].config);
  const active = keys.find(({ state, kind }) => state === "active" && kind === "mac");
  expect(macs.has(active?.id ?? "")).toBe(true);
});

test("a key is published at both instances before its first use, and for no longer than it may be cached", async () => {
  const { servers, one, other } = await pair({ publish_before: "30s" });
  const { access_token: before } = await mint(one);
  const [made] = await rotateOwnKeys(servers[0].config, { kinds: ["signing"], algorithm: "ES256" });
  for (const client of [one, other])
    await eventually("published", async () => includes(await kidsAt(client), made?.id));
  expect(kidOf((await mint(one)).access_token)).toBe(kidOf(before));
  expect((await one.getJwks()).cacheable_for.seconds).toBeLessThan(30);
});

describe("a signing key that is revoked", () => {
  test("leaves everything that it signed inactive at both instances, and never signs again", async () => {
    const { one, other } = await pair();
    const tokens = await Promise.all([mint(one), mint(other), mint(one)]);
    const kid = kidOf(tokens[0].access_token);
    await one.revoke({ key_id: kid });
    for (const client of [one, other]) {
      for (const { access_token: token } of tokens) {
        expect(await client.introspect({ token })).toEqual({ inactive_reason: "INACTIVE_REASON_REVOKED" });
      }
    }
    const next = await mint(one);
    expect(kidOf(next.access_token)).not.toBe(kid);
    expect(await other.introspect({ token: next.access_token })).toMatchObject({ active: true });
    expect(await kidsAt(one)).toEqual([kidOf(next.access_token)]);
    expect(kidOf((await mint(other)).access_token)).toBe(kidOf(next.access_token));
    expect(await kidsAt(other)).toEqual([kidOf(next.access_token)]);
  });
});

describe("a MAC key that is revoked", () => {
  test("kills every family whose current token it made, and new families get another key", async () => {
    const { servers, one, other } = await pair();
    const { refresh_token: token = "" } = await mint(one, true);
    const mac = (await listOwnKeys(servers[0].config)).find(({ kind }) => kind === "mac")?.id ?? "";
    await one.revoke({ key_id: mac });
    for (const client of [one, other]) expect((await client.introspect({ token })).active).toBeUndefined();
    const refused = other.issue({ refresh: { client_id: "web", refresh_token: token } });
    await expect(refused).rejects.toMatchObject({ reason: "INVALID_GRANT" });

    for (const [minting, asked] of [
      [other, one],
      [one, other],
    ] as const) {
      const { refresh_token: fresh = "" } = await mint(minting, true);
      expect(await asked.introspect({ token: fresh })).toMatchObject({ active: true });
    }
  });
});

test("the store holds no key that can be read, whatever was rotated", async () => {
  const { servers, one } = await pair();
  await rotateOwnKeys(servers[0].config, { kinds: ["signing", "mac"] });
  await mint(one, true);
  const dump = await redis.dump();
  expect(dump.includes(servers[0].config.keys.master_key ?? "no master key")).toBe(false);
  for (const member of ['"d":', '"k":', '"priv":', "PRIVATE KEY"]) expect(dump.includes(member)).toBe(false);
});

test("after a change of the master key old tokens stay what they were, and the former key opens nothing more", async () => {
  const [former, present] = [await masterKeyFile(), await masterKeyFile()];
  const one = (await startServer({ store: redis.url, keys: { master_key_file: former } })).client();
  const [alive, dead] = [await mint(one, true), await mint(one, true)];
  await one.revoke({ sid: dead.sid });

  const keys = { master_key_file: present, previous_master_key_file: former };
  const other = (await startServer({ store: redis.url, keys })).client();
  for (const token of [alive.access_token, alive.refresh_token ?? ""]) {
    expect(await other.introspect({ token })).toMatchObject({ active: true });
  }
  expect((await other.introspect({ token: dead.access_token })).active).toBeUndefined();
  const next = await other.issue({ refresh: { client_id: "web", refresh_token: alive.refresh_token ?? "" } });
  expect(await one.introspect({ token: next.access_token })).toMatchObject({ active: true });

  const outdated = startServer({ store: redis.url, keys: { master_key_file: former } });
  await expect(outdated).rejects.toThrow(/sealed under another master key/);
});

describe("while Redis is away", () => {
  test("known keys go on, and an instance that starts learns them when it is back", async () => {
    const { servers, one } = await pair();
    const kid = kidOf((await mint(one)).access_token);
    await redis.stop();
    const late = await startServer(settings(servers[0].config.keys.master_key));
    try {
      expect(await kidsAt(one)).toEqual([kid]);
      await expect(late.client().getJwks()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    } finally {
      await redis.restart();
    }
    const client = late.client();
    expect(await eventually("the keys are known", () => kidsAt(client).catch(() => undefined))).toEqual([kid]);
  });
});

async function pair(keys: object = {}): Promise<Pair> {
  const masterKey = randomBytes(32).toString("base64url");
  const servers: [TestServer, TestServer] = [
    await startServer(settings(masterKey, keys)),
    await startServer(settings(masterKey, keys)),
  ];
  return { servers, one: servers[0].client(), other: servers[1].client() };
}

async function masterKeyFile(): Promise<string> {
  const file = join(await temporaryDirectory(), "master.key");
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return file;
}

function settings(masterKey: string | undefined, keys: object = {}) {
  return { store: redis.url, keys: { master_key: masterKey, publish_before: "1s", ...keys } };
}

function mint(client: TestClient, refresh = false) {
  return client.issue({ mint: { client_id: "web", subject: "alice", audience: [API], refresh } });
}

function kidOf(jwt: string): string {
  const [header = ""] = jwt.split(".");
  return z.object({ kid: z.string() }).parse(JSON.parse(Buffer.from(header, "base64url").toString())).kid;
}

async function kidsAt(client: TestClient): Promise<string[]> {
  return published.parse(JSON.parse((await client.getJwks()).jwks)).keys.map(({ kid }) => kid);
}

function includes(kids: readonly string[], kid: string | undefined): true | undefined {
  return kid !== undefined && kids.includes(kid) ? true : undefined;
}
