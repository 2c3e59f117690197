/** What a verifier asks of an authority. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCallerSecret } from "../../src/core/token/caller-secret.ts";
import type { TestClient } from "../support/client.ts";
import { failureOf } from "../support/failure-of.ts";
import { recordSecret } from "../support/leaks/record.ts";
import { API, ISSUER, ORDERS, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

const verifier = testCaller({ name: "verifier", permissions: ["watch", "introspect"], audiences: [API] });
const another = testCaller({ name: "another", permissions: ["watch", "introspect"], audiences: [API] });
const issuer = testCaller({
  name: "issuer",
  permissions: ["watch", "introspect", "issue", "revoke"],
  audiences: [API],
  clients: ["*"],
});

let server: TestServer;
let client: TestClient;
let issuing: TestClient;
beforeAll(async () => {
  server = await startServerForFile({
    development: false,
    callers: [verifier, another, issuer].map(({ entry }) => entry),
    clients: [
      {
        client_id: "web",
        scopes: ["read"],
        audiences: [API, ORDERS],
        formats: ["opaque", "jwt"],
        grants: ["mint", "refresh", "exchange"],
      },
    ],
  });
  client = server.client(verifier);
  issuing = server.client(issuer);
});
afterAll(() => server.stop());

const mint = { client_id: "web", subject: "alice", audience: [API] };

test("whoever joins learns what tokens are judged by, and no key that makes or opens one", async () => {
  const joined = await client.join();
  expect(joined).toMatchObject({ issuer: ISSUER, access_max_lifetime: { seconds: 3_600 }, leeway: { seconds: 10 } });
  const keys = [joined.selector_key, joined.fingerprint_key, joined.nonce_key];
  for (const key of keys) recordSecret({ kind: "a derived key", key });
  expect(keys.map((key) => key.length)).toEqual([32, 32, 32]);
  expect(Object.keys(joined)).toHaveLength(7);
});

test("a synchronisation says how far the log has come and the store's time, proved just now", async () => {
  const { revision } = await issuing.revoke({ subject: { sub: "somebody" } });
  const before = Date.now();
  const synced = await client.sync({ at_least_as_fresh: revision ?? "" });
  expect(synced.revision).toBe(revision);
  expect(synced.proved_at_ms).toBeGreaterThanOrEqual(before - 100);
  expect(synced.proved_at_ms).toBeLessThanOrEqual(synced.store_time_ms);
  expect(Math.abs(synced.store_time_ms - Date.now())).toBeLessThan(5_000);
});

describe("a token is recognised", () => {
  test("an opaque one with what it grants, for an audience of its own", async () => {
    const { access_token: token, sid } = await issuing.issue({ mint: { ...mint, scope: "read" } });
    const { claims = "", ...rest } = await client.recognise({ token });
    expect(JSON.parse(claims)).toMatchObject({ iss: ISSUER, sub: "alice", aud: API, scope: "read", sid });
    expect(rest).toEqual({});
  });

  test("an exchanged one with what it came from", async () => {
    const { access_token: subjectToken, sid } = await issuing.issue({ mint });
    const exchange = {
      client_id: "web",
      subject_token: subjectToken,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      audience: [API],
    };
    const { access_token: token } = await issuing.issue({ exchange });
    const { claims = "" } = await client.recognise({ token });
    expect(JSON.parse(claims)).toMatchObject({ origins: [{ sid }] });
  });

  test("a refresh one by whoever may issue for its client, with its standing and the name of its key", async () => {
    const { refresh_token: token = "", sid } = await issuing.issue({ mint: { ...mint, refresh: true } });
    const { claims = "", standing, key_id: keyId } = await issuing.recognise({ token });
    expect(JSON.parse(claims)).toMatchObject({ iss: ISSUER, sid, client_id: "web", aud: [] });
    expect([standing, keyId]).toEqual(["STANDING_CURRENT", expect.stringMatching(/^mac-[0-9a-f]{8}$/)]);
    expect(await client.recognise({ token })).toEqual({});
    await issuing.issue({ refresh: { refresh_token: token, client_id: "web" } });
    expect(await issuing.recognise({ token })).toMatchObject({ standing: "STANDING_SUPERSEDED" });
    await issuing.revoke({ sid });
    expect(await issuing.recognise({ token })).toMatchObject({ standing: "STANDING_DEAD" });
  });

  test("by nobody for whom it is not, and not when there is no such token", async () => {
    const { access_token: theirs } = await issuing.issue({ mint: { ...mint, audience: [ORDERS] } });
    expect(await client.recognise({ token: theirs })).toEqual({});
    expect(await client.recognise({ token: "asy_at_unknown" })).toEqual({});
    expect(await issuing.recognise({ token: "asy_rt_unknown" })).toEqual({});
  });

  test("never a JWT: a verifier verifies it by itself", async () => {
    const { access_token: token } = await issuing.issue({ mint: { ...mint, format: "JWT" } });
    const failure = await failureOf(client.recognise({ token }));
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", fields: { token: expect.stringContaining("opaque") } });
  });
});

describe("a use of a proof", () => {
  test("is the first once, of any number at once; its retry is told from a replay", async () => {
    const [key, request] = [randomBytes(16), randomBytes(16)];
    const use = (more: object = {}) => client.rememberProof({ key, expires_at_ms: inAMinute(), ...more });
    const uses = await Promise.all(Array.from({ length: 10 }, () => use({ request })));
    expect(uses.filter(({ use: which }) => which === "PROOF_USE_FIRST")).toHaveLength(1);
    expect(uses.filter(({ use: which }) => which === "PROOF_USE_SAME_REQUEST")).toHaveLength(9);
    expect(await use()).toEqual({ use: "PROOF_USE_REPLAYED" });
  });

  test("by one caller does not use it up for another", async () => {
    const use = { key: randomBytes(16), expires_at_ms: inAMinute() };
    expect(await client.rememberProof(use)).toEqual({ use: "PROOF_USE_FIRST" });
    expect(await server.client(another).rememberProof(use)).toEqual({ use: "PROOF_USE_FIRST" });
  });

  test.each([
    ["key", { key: randomBytes(15) }],
    ["key", { key: Buffer.alloc(0) }],
    ["request", { request: randomBytes(17) }],
    ["expires_at_ms", { expires_at_ms: Date.now() - 1 }],
    ["expires_at_ms", { expires_at_ms: Date.now() + 2 * 3_600_000 }],
  ])("is refused where %s is out of bounds", async (field, change) => {
    const failure = await failureOf(
      client.rememberProof({ key: randomBytes(16), expires_at_ms: inAMinute(), ...change }),
    );
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
    expect(Object.keys(failure.fields)).toEqual([field]);
  });
});

describe("the networks of a token", () => {
  const window = { seconds: 3_600 };

  test("are counted for all verifiers together, each once", async () => {
    const [token, network] = [randomBytes(16), randomBytes(16)];
    expect(await client.countNetworks({ token, network, window })).toEqual({ count: 1 });
    expect(await server.client(another).countNetworks({ token, network, window })).toEqual({ count: 1 });
    expect(await server.client(another).countNetworks({ token, network: randomBytes(16), window })).toEqual({
      count: 2,
    });
  });

  test.each([
    ["token", { token: randomBytes(15) }],
    ["token", { token: Buffer.alloc(0) }],
    ["network", { network: randomBytes(17) }],
    ["window", { window: {} }],
    ["window", { window: { seconds: 0, nanos: 999_999_999 } }],
    ["window", { window: { seconds: 3_600, nanos: 1 } }],
    ["window", { window: { seconds: -60, nanos: -1 } }],
  ])("are not counted where %s is out of bounds", async (field, change) => {
    const asked = { token: randomBytes(16), network: randomBytes(16), window, ...change };
    const failure = await failureOf(client.countNetworks(asked));
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST" });
    expect(Object.keys(failure.fields)).toEqual([field]);
  });

  test("are not counted without a window", async () => {
    const failure = await failureOf(client.countNetworks({ token: randomBytes(16), network: randomBytes(16) }));
    expect(failure.fields).toEqual({ window: "is required" });
  });
});

test("nobody who is not recognised joins", async () => {
  const stranger = server.client({ secret: makeCallerSecret() });
  expect(await failureOf(stranger.join())).toMatchObject({ code: "UNAUTHENTICATED" });
});

function inAMinute(): number {
  return Date.now() + 60_000;
}
