import { expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import type { MintRequest } from "../../src/core/issue/mint.ts";
import { IssueRequest, type Mint } from "../../src/gen/assay/v1/token_service.ts";
import { mintToCore } from "../../src/transport/grpc/mint-request.ts";

const THUMBPRINT = Buffer.alloc(32, 7).toString("base64url");
const SCOPES_257 = Array.from({ length: 257 }, (_, index) => `s${index}`).join(" ");

const LEAST: Mint = {
  client_id: "web",
  subject: "alice",
  scope: "",
  audience: ["https://api.example"],
  format: 0,
  lifetime: undefined,
  refresh: false,
  cnf: undefined,
  claims: undefined,
  amr: [],
  context: undefined,
};

function translate(changes: Partial<Mint>): MintRequest {
  const message = { ...LEAST, ...changes };
  const encoded = IssueRequest.encode({ grant: { $case: "mint", value: message } }).finish();
  return mintToCore(message, Buffer.from(encoded));
}

function faults(changes: Partial<Mint>): Record<string, string> {
  try {
    translate(changes);
    return {};
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    if (error.code !== "invalid_request") throw error;
    return Object.fromEntries(error.fields.map(({ field, description }) => [field, description]));
  }
}

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

test("what is absent stays absent", () => {
  expect(translate({ acr: "" })).toEqual({
    clientId: "web",
    subject: "alice",
    scopes: [],
    audience: ["https://api.example"],
    refresh: false,
  });
});

test("what is given is translated, each thing once", () => {
  expect(
    translate({
      scope: "read write read",
      audience: ["a", "b", "a"],
      format: 2,
      lifetime: { seconds: 60, nanos: 0 },
      refresh: true,
      cnf: { x5t_s256: THUMBPRINT },
      claims: { tier: "gold" },
      auth_time: 0,
      acr: "aal2",
      amr: ["pwd", "otp"],
    }),
  ).toEqual({
    clientId: "web",
    subject: "alice",
    scopes: ["read", "write"],
    audience: ["a", "b"],
    format: "opaque",
    lifetime: 60,
    refresh: true,
    cnf: { "x5t#S256": THUMBPRINT },
    claims: { tier: "gold" },
    authTime: 0,
    acr: "aal2",
    amr: ["pwd", "otp"],
  });
});

test("everything that is wrong is said at once, by its path in the contract", () => {
  expect(
    Object.keys(faults({ client_id: "", subject: "", audience: [], scope: "a  b", cnf: {}, claims: { iss: "x" } })),
  ).toEqual(["mint.client_id", "mint.subject", "mint.scope", "mint.audience", "mint.cnf", "mint.claims"]);
});

test.each<[string, Partial<Mint>, string, string]>([
  ["no client", { client_id: "" }, "mint.client_id", "is required"],
  ["a client with a line break", { client_id: "web\n" }, "mint.client_id", "must not hold control characters"],
  ["bytes that are not UTF-8", { subject: "al\uFFFDice" }, "mint.subject", "must be UTF-8"],
  ["a subject of 256 bytes", { subject: "é".repeat(128) }, "mint.subject", "must be at most 255 bytes"],
  ["two spaces", { scope: "a  b" }, "mint.scope", "item 1 must not be empty: separate scopes by single spaces"],
  [
    "a quote in a scope",
    { scope: 'a"b' },
    "mint.scope",
    "item 0 must be printable ASCII without quote and backslash (RFC 6749 section 3.3)",
  ],
  ["257 scopes", { scope: SCOPES_257 }, "mint.scope", "must have at most 256 scopes"],
  ["10,000 scopes", { scope: "scope ".repeat(10_000).trim() }, "mint.scope", "must have at most 256 scopes"],
  ["no audience", { audience: [] }, "mint.audience", "is required"],
  ["an empty audience", { audience: ["a", ""] }, "mint.audience", "item 1 is required"],
  ["65 audiences", { audience: Array.from({ length: 65 }, String) }, "mint.audience", "must have at most 64 values"],
  ["no lifetime at all", { lifetime: { seconds: 0, nanos: 0 } }, "mint.lifetime", "must be at least one second"],
  ["a negative lifetime", { lifetime: { seconds: -5, nanos: 0 } }, "mint.lifetime", "must be at least one second"],
  ["half a second", { lifetime: { seconds: 1, nanos: 500_000_000 } }, "mint.lifetime", "must be whole seconds"],
  ["no key to be bound to", { cnf: {} }, "mint.cnf", "must have exactly one member"],
  [
    "two keys to be bound to",
    { cnf: { jkt: THUMBPRINT, x5t_s256: THUMBPRINT } },
    "mint.cnf",
    "must have exactly one member",
  ],
  [
    "a thumbprint with padding",
    { cnf: { jkt: `${THUMBPRINT}=` } },
    "mint.cnf",
    "must be the base64url of a SHA-256: 43 characters without padding",
  ],
  [
    "a thumbprint with unused bits set",
    { cnf: { jkt: `${THUMBPRINT.slice(0, -1)}d` } },
    "mint.cnf",
    "must be the base64url of a SHA-256: 43 characters without padding",
  ],
  [
    "a negative auth_time",
    { auth_time: -1 },
    "mint.auth_time",
    "must not be negative: it is in seconds since the epoch",
  ],
  [
    "an auth_time in milliseconds",
    { auth_time: 1_767_225_600_000 },
    "mint.auth_time",
    "must be in seconds since the epoch, before the year 10000",
  ],
  ["an acr of 256 bytes", { acr: "a".repeat(256) }, "mint.acr", "must be at most 255 bytes"],
  ["17 methods", { amr: Array.from({ length: 17 }, String) }, "mint.amr", "must have at most 16 values"],
  [
    "a registered claim",
    { claims: { exp: 1 } },
    "mint.claims",
    "must not have a member named exp: its meaning is fixed",
  ],
  ["claims of 5 KB", { claims: { a: "x".repeat(5_000) } }, "mint.claims", "must be at most 4 KiB as JSON"],
  ["claims 9 levels deep", { claims: { a: deep(9) } }, "mint.claims", "must be at most 8 levels deep"],
  ["a claim that is no number", { claims: { a: Number.NaN } }, "mint.claims", "must hold finite numbers only"],
  ["a claim without a kind", { claims: { a: [undefined] } }, "mint.claims", "must not hold a value without a kind"],
  ["a claim that is not UTF-8", { claims: { a: "\uFFFD" } }, "mint.claims", "must be UTF-8"],
])("%s is refused", (_what, changes, field, description) => {
  expect(faults(changes)).toEqual({ [field]: description });
});

test("an unknown format is refused", () => {
  const message: Mint = { ...LEAST, format: -1 };
  expect(faults(message)).toEqual({ "mint.format": "is not a value of TokenFormat" });
});

test("a claim named __proto__ is refused at any depth, though the decoder loses it", () => {
  const encoded = Buffer.from("…__proto__…");
  expect(() => mintToCore({ ...LEAST, claims: { a: {} } }, encoded)).toThrow("must not have a member named __proto__");
  expect(() => mintToCore(LEAST, encoded)).not.toThrow();
});

test("a lifetime however long is left to the client's policy", () => {
  expect(translate({ lifetime: { seconds: 9_007_199_254_740_991, nanos: 0 } }).lifetime).toBe(9_007_199_254_740_991);
});

test("claims 8 levels deep and every kind of value are taken", () => {
  const claims = { a: deep(7), b: [null, true, 1.5, "x", []] };
  expect(translate({ claims }).claims).toEqual(claims);
});
