import { expect, test } from "vitest";
import type { Recognised } from "../../../src/core/recognised.ts";
import { rememberedTokens } from "../../../src/core/revocations/remembered-tokens.ts";

const ROOMY = { entries: 1_000, bytes: 10_000_000 };

test("a token is found again with what was remembered of it, and no other is", () => {
  const tokens = rememberedTokens(ROOMY);
  const entry = entryOf("alice");
  tokens.remember("token", entry);
  expect(tokens.get("token")).toEqual({ ...entry, isRemembered: true });
  for (const other of ["Token", "token ", "toke", ""]) expect(tokens.get(other)).toBeUndefined();
});

test("those that were recalled least recently go first", () => {
  const tokens = rememberedTokens({ ...ROOMY, entries: 3 });
  for (const name of ["a", "b", "c"]) tokens.remember(name, entryOf(name));
  tokens.get("a");
  tokens.remember("b", entryOf("b"));
  tokens.remember("d", entryOf("d"));
  tokens.remember("e", entryOf("e"));
  expect(["a", "b", "c", "d", "e"].filter((name) => tokens.get(name) !== undefined)).toEqual(["b", "d", "e"]);
});

test("a flood leaves both bounds as they are, and the last one known", () => {
  const tokens = rememberedTokens({ entries: 100, bytes: 50_000 });
  for (let count = 0; count < 5_000; count++) {
    tokens.remember(`token ${count}`, entryOf("x".repeat(count % 700)));
    expect(tokens.size).toBeLessThanOrEqual(100);
    expect(tokens.bytes).toBeLessThanOrEqual(50_000);
    expect(tokens.get(`token ${count}`)).toBeDefined();
  }
  expect(tokens.size).toBeGreaterThan(10);
});

test("what would push out all others is not remembered, nor what it was to replace", () => {
  const tokens = rememberedTokens({ entries: 100, bytes: 20_000 });
  tokens.remember("other", entryOf("other"));
  tokens.remember("token", entryOf("small"));
  tokens.remember("token", entryOf("x".repeat(20_000)));
  expect(tokens.get("token")).toBeUndefined();
  expect(tokens.get("other")).toBeDefined();
});

test("a claim counts wherever it is nested, and marks and births count", () => {
  const plain = bytesFor(entryOf("alice"));
  const nested = entryOf("alice");
  nested.claims = { ...nested.claims, extra: { deep: [{ er: "x".repeat(1_000) }] } };
  expect(bytesFor(nested)).toBeGreaterThan(plain + 1_000);
  const marks = { digests: "d".repeat(160), births: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
  expect(bytesFor({ ...entryOf("alice"), marks })).toBeGreaterThanOrEqual(plain + 128 + 64);
});

test("what is remembered again is counted once", () => {
  const tokens = rememberedTokens(ROOMY);
  tokens.remember("token", entryOf("x".repeat(500)));
  tokens.remember("token", entryOf("alice"));
  expect([tokens.size, tokens.bytes]).toEqual([1, bytesFor(entryOf("alice"))]);
});

test("with room for none, none is remembered", () => {
  const tokens = rememberedTokens({ ...ROOMY, entries: 0 });
  tokens.remember("token", entryOf("alice"));
  expect([tokens.size, tokens.get("token")]).toEqual([0, undefined]);
});

function bytesFor(entry: Recognised): number {
  const tokens = rememberedTokens(ROOMY);
  tokens.remember("token", entry);
  return tokens.bytes;
}

function entryOf(sub: string): Recognised {
  const claims = { iss: "https://issuer.example", sub, aud: ["https://api.example"], exp: 2, iat: 1, extra: {} };
  const origins: Recognised["origins"] = [{ iss: claims.iss, birth: 1_000, sub }];
  const marks = { digests: "d".repeat(32), births: [0, 0] };
  return { kind: "access", claims, origins, leeway: 0, standing: "current", isJwt: true, marks, isRemembered: false };
}
