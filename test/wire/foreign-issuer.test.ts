/** Tokens of a real foreign identity provider, whose keys are found by discovery. */
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ConfigInput } from "../../src/config/schema.ts";
import { CallError } from "../support/call-error.ts";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { type ForeignIssuer, startForeignIssuer } from "../support/foreign-issuer.ts";
import { API, ORDERS, startServer, startServerForFile, testCaller, type TestServer } from "../support/server.ts";
import { inactive } from "./inactive-answer.ts";

const plain = testCaller({ name: "api", permissions: ["introspect"], audiences: [API] });

let idp: ForeignIssuer;
let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  idp = await startForeignIssuer();
  server = await startServerForFile({ issuers: [trusted(idp)], callers: [plain.entry] });
  client = server.client();
});
afterAll(async () => {
  await server.stop();
  await idp.stop();
});

describe("a token of a foreign provider", () => {
  test("is active for the audience it names, with what it says", async () => {
    const token = await idp.token({ audience: API, scope: "read write" });
    const { iat, exp, jti } = decodeJwt(token);
    expect(await client.introspect({ token, audience: [API], required_scopes: ["write"] })).toMatchObject({
      active: true,
      iss: idp.issuer,
      aud: [API],
      client_id: idp.clientId,
      sub: idp.clientId,
      scope: "read write",
      token_type: "Bearer",
      iat,
      exp,
      jti,
    });
  });

  test("is inactive for another audience of the caller", async () => {
    const token = await idp.token({ audience: API });
    expect(await client.introspect({ token, audience: [ORDERS] })).toEqual(inactive("AUDIENCE_MISMATCH"));
    expect(await client.introspect({ token, audience: [ORDERS, API] })).toMatchObject({ active: true });
  });

  test("is inactive when its audience is not one that the provider is trusted for", async () => {
    const token = await idp.token({ audience: "https://elsewhere.example" });
    expect(await client.introspect({ token })).toEqual(inactive("AUDIENCE_MISMATCH"));
  });

  test("is inactive without a scope that is required", async () => {
    const token = await idp.token({ audience: API, scope: "read" });
    expect(await client.introspect({ token, required_scopes: ["write"] })).toMatchObject({
      challenge: "CHALLENGE_INSUFFICIENT_SCOPE",
    });
  });

  test("is active whichever of the provider's keys has signed it", async () => {
    const rotating = await startForeignIssuer();
    onTestFinished(async () => rotating.stop());
    const before = await rotating.token({ audience: API });
    await rotating.rotateKeys();
    const after = await rotating.token({ audience: API });
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    const other = (await startServer({ issuers: [trusted(rotating)] })).client();
    expect(await other.introspect({ token: before })).toMatchObject({ active: true });
    expect(await other.introspect({ token: after })).toMatchObject({ active: true });
  });

  test("of a provider that is not configured is inactive", async () => {
    const stranger = await startForeignIssuer();
    onTestFinished(async () => stranger.stop());
    const token = await stranger.token({ audience: API });
    expect(await client.introspect({ token })).toEqual(inactive("ISSUER_NOT_TRUSTED"));
  });

  test("leaves no trace of itself in the log", async () => {
    const token = await idp.token({ audience: API });
    await client.introspect({ token });
    await client.introspect({ token: `${token}=` });
    for (const part of token.split(".")) expect(server.log()).not.toContain(part);
  });
});

describe("a revoked token of a foreign provider", () => {
  test("by its iss and jti is inactive, and the next one is active", async () => {
    const [token, next] = [await idp.token({ audience: API }), await idp.token({ audience: API })];
    const { jti = "" } = decodeJwt(token);
    expect(await client.introspect({ token })).toMatchObject({ active: true });
    const { durability } = await client.revoke({ token_id: { iss: idp.issuer, jti } });
    expect(durability).toBe("DURABILITY_LOCAL");
    expect(await client.introspect({ token })).toEqual(inactive("REVOKED"));
    expect(await client.introspect({ token: next })).toMatchObject({ active: true });
  });

  test("is inactive under the other spelling of its ECDSA signature too", async () => {
    const token = await idp.token({ audience: API });
    const twin = malleated(token);
    expect(await client.introspect({ token: twin })).toMatchObject({ active: true });
    await client.revoke({ token });
    expect(await client.introspect({ token: twin })).toEqual(inactive("REVOKED"));
    expect(await client.introspect({ token })).toEqual(inactive("REVOKED"));
  });

  test("is answered with nothing but an empty message to a caller that may not diagnose", async () => {
    const token = await idp.token({ audience: API });
    const api = server.client({ secret: plain.secret });
    expect(await api.introspect({ token })).toMatchObject({ active: true });
    await client.revoke({ token });
    expect(await api.introspect({ token })).toEqual({});
  });
});

describe("a token of a foreign provider is inactive when altered:", () => {
  const WAYS: ReadonlyArray<[string, (token: string) => string, string]> = [
    ["a space before it", (token) => ` ${token}`, "MALFORMED"],
    ["a space after it", (token) => `${token} `, "MALFORMED"],
    ["a line feed after it", (token) => `${token}\n`, "MALFORMED"],
    ["white space within its header", (token) => token.replace(/^(.{9})/, "$1 "), "MALFORMED"],
    ["white space within its signature", (token) => token.replace(/(.{9})$/, "\t$1"), "MALFORMED"],
    ["a line break within its signature", (token) => token.replace(/(.{9})$/, "\r\n$1"), "MALFORMED"],
    ["padding after its header", (token) => token.replace(".", "=."), "MALFORMED"],
    ["padding after its payload", (token) => token.replace(/\.([\w-]+)$/, "=.$1"), "MALFORMED"],
    ["padding after its signature", (token) => `${token}==`, "MALFORMED"],
    ["unused bits of its signature set", withUnusedBits, "MALFORMED"],
    ["the standard alphabet in its signature", (token) => token.replace(/..$/, "+/"), "MALFORMED"],
    ["no signature", (token) => token.replace(/[\w-]+$/, ""), "MALFORMED"],
    ["no signature and no dot", (token) => token.replace(/\.[\w-]+$/, ""), "MALFORMED"],
    ["a fourth part", (token) => `${token}.AAAA`, "MALFORMED"],
    ["an encrypted token's five parts", (token) => `${token}.AAAA.AAAA`, "MALFORMED"],
    ["a signature cut short", (token) => withSignature(token, (bytes) => bytes.subarray(0, 60)), "BAD_SIGNATURE"],
    ["a longer signature", (token) => withSignature(token, (bytes) => Buffer.concat([bytes, bytes])), "BAD_SIGNATURE"],
    ["a signature of zeros", (token) => withSignature(token, () => Buffer.alloc(64)), "BAD_SIGNATURE"],
    [
      "a later exp",
      (token) => withClaims(token, (claims) => ({ ...claims, exp: Number(claims["exp"]) + 60 })),
      "BAD_SIGNATURE",
    ],
    ["more scope", (token) => withClaims(token, (claims) => ({ ...claims, scope: "read write" })), "BAD_SIGNATURE"],
    ["another audience", (token) => withClaims(token, (claims) => ({ ...claims, aud: ORDERS })), "BAD_SIGNATURE"],
    ["a member twice", withDuplicate, "MALFORMED"],
  ];

  test.each(WAYS)("%s", async (_, alter, reason) => {
    const token = await idp.token({ audience: API });
    expect(await client.introspect({ token: alter(token) })).toEqual(inactive(reason));
    expect(await client.introspect({ token })).toMatchObject({ active: true });
  });
});

describe("while a foreign provider is down", () => {
  test("nothing is said of its tokens, and they are active when it is back", async () => {
    const flaky = await startForeignIssuer();
    onTestFinished(async () => flaky.stop());
    const token = await flaky.token({ audience: API });
    const caller = (await startServer({ issuers: [trusted(flaky)] })).client();
    await flaky.down();
    const error = await caller.introspect({ token }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "KEYS_UNAVAILABLE", retryAfter: expect.any(Number) });
    await flaky.up();
    const active = async (): Promise<true | undefined> => (await caller.introspect({ token })).active;
    expect(await eventually("an active answer", async () => active().catch(() => undefined))).toBe(true);
  });

  test("its tokens stay active by the keys that are known", async () => {
    const flaky = await startForeignIssuer();
    onTestFinished(async () => flaky.stop());
    const [first, second] = [await flaky.token({ audience: API }), await flaky.token({ audience: API })];
    const caller = (await startServer({ issuers: [trusted(flaky)] })).client();
    expect(await caller.introspect({ token: first })).toMatchObject({ active: true });
    await flaky.down();
    expect(await caller.introspect({ token: second })).toMatchObject({ active: true });
  });
});

function trusted({ issuer }: ForeignIssuer): NonNullable<ConfigInput["issuers"]>[number] {
  const source = { discovery: true, allow_http_loopback: true, keys: { cool_down: "1s" } };
  return { issuer, ...source, algorithms: ["ES256"], audiences: [API, ORDERS] };
}

/** The last of 86 characters holds two bits of the signature and four of nothing. */
function withUnusedBits(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.at(-1) ?? "") + 1] ?? ""}`;
}

function withClaims(token: string, change: (claims: Record<string, unknown>) => object): string {
  return withPayload(token, (payload) => JSON.stringify(change(JSON.parse(payload))));
}

function withDuplicate(token: string): string {
  return withPayload(token, (payload) => payload.replace(/\}$/, ',"scope":"read write"}'));
}

function withPayload(token: string, change: (payload: string) => string): string {
  const [header, payload = "", signature] = token.split(".");
  const changed = change(Buffer.from(payload, "base64url").toString());
  return `${header}.${Buffer.from(changed).toString("base64url")}.${signature}`;
}

/** For an ECDSA signature (r, s), (r, n - s) is as good: anyone can make it. */
function malleated(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  return withSignature(token, (bytes) => {
    const s = BigInt(`0x${bytes.subarray(32).toString("hex")}`);
    return Buffer.concat([bytes.subarray(0, 32), Buffer.from((order - s).toString(16).padStart(64, "0"), "hex")]);
  });
}

function withSignature(token: string, change: (signature: Buffer) => Buffer): string {
  const [header, payload, signature = ""] = token.split(".");
  return `${header}.${payload}.${change(Buffer.from(signature, "base64url")).toString("base64url")}`;
}
