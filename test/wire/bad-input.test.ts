import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mintMessage, type TestClient } from "../support/client.ts";
import type { Method } from "../support/contract.ts";
import { failureOf } from "../support/failure-of.ts";
import { API, startServerForFile, testCaller, type TestServer } from "../support/server.ts";

const reader = testCaller({ name: "reader", permissions: ["introspect"], audiences: [API] });
const editor = testCaller({ name: "editor", permissions: ["issue", "revoke"], clients: ["*"] });

let server: TestServer;
let reading: TestClient;
let editing: TestClient;

beforeAll(async () => {
  server = await startServerForFile({ development: false, callers: [reader.entry, editor.entry] });
  reading = server.client({ secret: reader.secret });
  editing = server.client({ secret: editor.secret });
});
afterAll(() => server.stop());

/** A string field, with bytes that need not be UTF-8. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.from([(number << 3) | 2, ...length, ...bytes]);
}

const GARBAGE: readonly (readonly [string, string])[] = [
  ["a blank", " "],
  ["one character", "x"],
  ["zero bytes", "\0\0\0"],
  ["an opaque token with a wrong checksum", `asy_at_${"0".repeat(49)}`],
  ["a refresh token with a wrong checksum", `asy_rt_${"0".repeat(60)}`],
  ["a caller's secret", editor.secret],
  ["a JWT without a signature", "eyJhbGciOiJub25lIn0.e30."],
  ["dots", "..."],
  ["another alphabet", "токен"],
  ["emoji", "🔑".repeat(100)],
  ["17 KiB", "a".repeat(17 * 1_024)],
  ["200 KiB of dots", ".".repeat(200 * 1_024)],
];

describe.each(GARBAGE)("a token that is %s", (_what, token) => {
  test("is inactive: the empty message, not one byte", async () => {
    const { bytes } = await reading.raw("Introspect", reading.encode("Introspect", { token }));
    expect(bytes).toHaveLength(0);
  });

  test("is nothing to revoke", async () => {
    expect(await editing.revoke({ token })).toEqual({});
  });

  test("is refused as a refresh token and as a subject token, alike", async () => {
    const type = "urn:ietf:params:oauth:token-type:access_token";
    const refresh = await failureOf(editing.issue({ refresh: { refresh_token: token, client_id: "web" } }));
    const exchange = await failureOf(
      editing.issue({
        exchange: { client_id: "web", subject_token: token, subject_token_type: type, audience: [API] },
      }),
    );
    for (const error of [refresh, exchange]) {
      expect(error).toMatchObject({ code: "FAILED_PRECONDITION", reason: "INVALID_GRANT", details: refresh.details });
    }
  });
});

test("a token of bytes that are not UTF-8 is inactive, and nothing to revoke", async () => {
  const message = field(1, Buffer.from([0xff, 0xfe, 0x80]));
  expect((await reading.raw("Introspect", message)).bytes).toHaveLength(0);
  expect((await editing.raw("Revoke", message)).bytes).toHaveLength(0);
});

test.each<[Method, string, Uint8Array]>([
  ["Introspect", "a length beyond the end", Buffer.from([0x0a, 0x7f, 0x41])],
  ["Introspect", "a number where a string belongs, cut off", Buffer.from([0x08])],
  ["Introspect", "an endless varint", Buffer.alloc(16, 0xff)],
  ["Revoke", "a length beyond the end", Buffer.from([0x0a, 0x7f, 0x41])],
  ["Issue", "claims nested a thousand deep", nestedClaims(1_000)],
  ["GetJwks", "an endless varint", Buffer.alloc(16, 0xff)],
])("%s answers INVALID_ARGUMENT to bytes with %s", async (method, _what, bytes) => {
  const client = method === "Introspect" ? reading : editing;
  expect(await failureOf(client.raw(method, bytes))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_REQUEST",
    domain: "assay.v1",
    fields: { request: expect.stringContaining("cannot be decoded") },
  });
});

const BEYOND_2_53 = Buffer.from([0x50, ...Buffer.alloc(8, 0xff), 0x7f]);
test.each<[Method, string, Uint8Array]>([
  ["Revoke", "cut-off", BEYOND_2_53],
  ["Issue", "auth_time", lengthDelimited(1, BEYOND_2_53)],
  ["Issue", "lifetime", lengthDelimited(1, lengthDelimited(6, Buffer.from([0x08, ...BEYOND_2_53.subarray(1)])))],
])("%s says that a %s beyond 2^53 is out of range", async (method, _what, bytes) => {
  expect(await failureOf(editing.raw(method, bytes))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_REQUEST",
    details: "a number is out of range: times and durations are whole seconds below 2^53",
  });
});

function nestedClaims(depth: number): Buffer {
  let value: Uint8Array = Buffer.from([0x20, 0x01]);
  for (let level = 0; level < depth; level++) value = lengthDelimited(5, lengthDelimited(1, lengthDelimited(2, value)));
  return lengthDelimited(1, lengthDelimited(9, lengthDelimited(1, lengthDelimited(2, value))));
}

function lengthDelimited(number: number, bytes: Uint8Array): Buffer {
  const size: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    size.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return Buffer.from([(number << 3) | 2, ...size, ...bytes]);
}

test.each<[string, object, Record<string, string>]>([
  ["no token", {}, { token: "is required" }],
  ["an empty audience", { token: "x", audience: [""] }, { audience: "item 0 is required" }],
  [
    "65 audiences",
    { token: "x", audience: Array.from({ length: 65 }, String) },
    { audience: "must have at most 64 values" },
  ],
  [
    "10,000 scopes",
    { token: "x", required_scopes: Array.from({ length: 10_000 }, String) },
    { required_scopes: "must have at most 256 scopes" },
  ],
  [
    "a scope with a space",
    { token: "x", required_scopes: ["a b"] },
    { required_scopes: expect.stringContaining("item 0 must be printable ASCII") },
  ],
])("Introspect with %s is refused with its path and the mend", async (_what, request, fields) => {
  expect(await failureOf(reading.introspect(request))).toMatchObject({ code: "INVALID_ARGUMENT", fields });
});

test.each<[string, object, Record<string, string>]>([
  ["no selector", {}, { selector: "is required: say what to revoke" }],
  ["an empty token", { token: "" }, { token: "is required" }],
  ["no jti", { token_id: { iss: "x" } }, { "token_id.jti": "is required" }],
  ["no sub", { subject: {} }, { "subject.sub": "is required" }],
  ["an empty sid", { sid: "" }, { sid: "is required" }],
  ["a client of 300 bytes", { client_id: "c".repeat(300) }, { client_id: "must be at most 255 bytes" }],
  ["a key id with a line break", { key_id: "a\nb" }, { key_id: "must not hold control characters" }],
  [
    "a cut-off for a token",
    { token: "x", born_at_or_before: 1 },
    { born_at_or_before: "goes only with subject, client_id" },
  ],
  [
    "a cut-off in milliseconds",
    { client_id: "web", born_at_or_before: Date.now() },
    { born_at_or_before: expect.stringContaining("in seconds") },
  ],
  [
    "a negative cut-off",
    { client_id: "web", born_at_or_before: -1 },
    { born_at_or_before: expect.stringContaining("must not be negative") },
  ],
  [
    "an issuer beside a token",
    { token: "x", iss: "https://idp.example" },
    { iss: "goes only with sid, client_id, key_id" },
  ],
  ["a reason of 257 characters", { token: "x", reason: "r".repeat(257) }, { reason: "must be at most 256 characters" }],
  [
    "two mistakes",
    { subject: {}, reason: "\u0007" },
    { "subject.sub": "is required", reason: "must not hold control characters" },
  ],
])("Revoke with %s is refused with its path and the mend", async (_what, request, fields) => {
  expect(await failureOf(editing.revoke(request))).toMatchObject({ code: "INVALID_ARGUMENT", fields });
});

test.each<[string, object, Record<string, string>]>([
  ["no grant", {}, { grant: "is required: mint, refresh or exchange" }],
  [
    "an empty mint",
    { mint: {} },
    { "mint.client_id": "is required", "mint.subject": "is required", "mint.audience": "is required" },
  ],
  ["an empty refresh", { refresh: {} }, { "refresh.refresh_token": "is required", "refresh.client_id": "is required" }],
  [
    "an empty exchange",
    { exchange: {} },
    { "exchange.client_id": "is required", "exchange.subject_token": "is required" },
  ],
])("Issue with %s is refused with its path and the mend", async (_what, request, fields) => {
  expect(await failureOf(editing.issue(request))).toMatchObject({ code: "INVALID_ARGUMENT", fields });
});

const MINT = { client_id: "web", subject: "alice", audience: [API] };

test("an unknown format, and a claim named __proto__, are refused", async () => {
  const format = { mint: { ...mintMessage(MINT), format: 77 } };
  expect(await failureOf(editing.raw("Issue", editing.encode("Issue", format)))).toMatchObject({
    fields: { "mint.format": "is not a value of TokenFormat" },
  });
  const claims = { fields: Object.fromEntries([["__proto__", { stringValue: "x" }]]) };
  const polluted = editing.encode("Issue", { mint: { ...MINT, claims } });
  expect(polluted.includes("__proto__")).toBe(true);
  expect(await failureOf(editing.raw("Issue", polluted))).toMatchObject({
    fields: { "mint.claims": "must not have a member named __proto__" },
  });
});

test.each<[string, object, string, string]>([
  ["a client that does not exist", { client_id: "nobody" }, "PERMISSION_DENIED", "CLIENT_NOT_ALLOWED"],
  [
    "an audience that does not exist",
    { audience: ["https://nowhere.example"] },
    "PERMISSION_DENIED",
    "AUDIENCE_NOT_ALLOWED",
  ],
  ["a scope that does not exist", { scope: "rule" }, "PERMISSION_DENIED", "SCOPE_NOT_ALLOWED"],
  ["a negative lifetime", { lifetime: { seconds: -1 } }, "INVALID_ARGUMENT", "INVALID_REQUEST"],
])("a mint for %s is refused", async (_what, changes, code, reason) => {
  expect(await failureOf(editing.issue({ mint: { ...MINT, ...changes } }))).toMatchObject({ code, reason });
});

test("an absurdly long lifetime is capped", async () => {
  const { expires_in: expiresIn } = await editing.issue({
    mint: { ...MINT, lifetime: { seconds: Number.MAX_SAFE_INTEGER } },
  });
  expect(expiresIn).toBeLessThanOrEqual(server.config.tokens.access_max_lifetime);
});

test("an audience that is not the caller's is refused, not answered", async () => {
  expect(await failureOf(reading.introspect({ token: "x", audience: ["https://else.example"] }))).toMatchObject({
    code: "PERMISSION_DENIED",
    reason: "AUDIENCE_NOT_ALLOWED",
  });
});

test("a message over the limit is RESOURCE_EXHAUSTED, and the connection goes on", async () => {
  expect(await failureOf(reading.introspect({ token: "a".repeat(600_000) }))).toMatchObject({
    code: "RESOURCE_EXHAUSTED",
  });
  expect(await reading.introspect({ token: "a" })).toEqual({});
});

test("what the service logs of all this holds no token and no secret", async () => {
  const { access_token: token } = await editing.issue({ mint: MINT });
  await reading.introspect({ token });
  const log = server.log();
  expect(log).toContain('"method":"Introspect"');
  for (const secret of [token, token.slice(-40), reader.secret, editor.secret]) expect(log).not.toContain(secret);
});
