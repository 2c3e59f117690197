import { expect, test } from "vitest";
import type { Admission } from "../../../src/core/admission.ts";
import type { Recognised } from "../../../src/core/recognised.ts";
import { rememberedTokens } from "../../../src/core/remembered/remembered-tokens.ts";
import { answerIn, lifeOf, marksIn, namesIn } from "../../../src/core/remembered/token-record.ts";
import { packMarks, unpackMarks } from "../../../src/core/revocations/marks.ts";

const ROOMY = 10_000_000;
/** Sixteen pages of the smallest kind. */
const TIGHT = 16 * 16_384;
const ANSWER = Buffer.from("what is said of it");

test("a token is found again with all that was remembered of it, and no other is", () => {
  const tokens = rememberedTokens(ROOMY);
  const token = entryOf("älice");
  tokens.remember("token", token, ANSWER);
  const { marks, ...recalled } = tokens.recall("token") ?? {};
  expect({ ...recalled, marks: marks && unpackMarks(marks) }).toEqual({
    ...token,
    marks: unpackMarks(token.marks),
    isRemembered: true,
  });
  for (const other of ["Token", "token ", "toke", ""]) {
    expect(tokens.recall(other)).toBeUndefined();
    expect(tokens.find(other)).toBeUndefined();
  }
});

test("what a judgement needs is read without the rest", () => {
  const tokens = rememberedTokens(ROOMY);
  const token = entryOf("alice");
  token.claims = { ...token.claims, client_id: "web", scope: "read write", nbf: 60, exp: 120 };
  tokens.remember("token", { ...token, leeway: 10 }, ANSWER);
  const record = tokens.find("token");
  if (record === undefined) throw new Error("it is not found");
  expect(answerIn(record, Buffer.from("rest"))).toEqual(Buffer.concat([ANSWER, Buffer.from("rest")]));
  expect(lifeOf(record)).toEqual({ from: 50_000, until: 130_000 });
  expect(unpackMarks(marksIn(record))).toEqual(unpackMarks(token.marks));
  const { iss, aud } = token.claims;
  expect(namesIn(record)).toEqual({ iss, client_id: "web", scope: "read write", aud });
});

test("a name with a line feed in it is never taken for two: such a token is not remembered", () => {
  const tokens = rememberedTokens(ROOMY);
  const token = entryOf("alice");
  tokens.remember("token", { ...token, claims: { ...token.claims, aud: ["a\nb"] } }, ANSWER);
  expect(tokens.size).toBe(0);
});

test("those that were recalled stay longer than older and younger ones that were not", () => {
  const tokens = rememberedTokens(TIGHT);
  const names = Array.from({ length: 240 }, (_, count) => `token ${count}`);
  for (const [count, name] of names.entries()) tokens.remember(name, entryOf(`${count}`), ANSWER);
  for (let count = 0; count < 800; count++) {
    expect(tokens.find("token 3")).toBeDefined();
    tokens.remember(`flood ${count}`, entryOf("mallory"), ANSWER);
  }
  expect(tokens.recall("token 200")).toBeUndefined();
});

test("a flood leaves the bound as it is, and the last one known, even if all are recalled", () => {
  const tokens = rememberedTokens(TIGHT);
  for (let count = 0; count < 5_000; count++) {
    tokens.remember(`token ${count}`, entryOf("x".repeat(count % 700)), ANSWER);
    expect(tokens.bytes).toBeLessThanOrEqual(TIGHT);
    expect(tokens.recall(`token ${count}`)?.claims.sub).toBe("x".repeat(count % 700));
  }
  expect(tokens.size).toBeGreaterThan(100);
  expect(tokens.size).toBeLessThan(800);
});

test("whatever comes and goes, what is found is what was remembered of that very token", () => {
  const tokens = rememberedTokens(TIGHT);
  const known = new Map<string, string>();
  const confused: string[] = [];
  for (let count = 0; count < 20_000; count++) {
    const name = `token ${(count * 7_919) % 1_311}`;
    const found = tokens.recall(name)?.claims.sub;
    if (found !== undefined && found !== known.get(name)) confused.push(name);
    if (found !== undefined && count % 3 !== 0) continue;
    const sub = `${name} ${count} ${"y".repeat(count % 97)}`;
    tokens.remember(name, entryOf(sub), Buffer.from(sub));
    known.set(name, sub);
  }
  expect([confused, known.size]).toEqual([[], 1_311]);
});

test("what would push out too many others is not remembered", () => {
  const tokens = rememberedTokens(TIGHT);
  tokens.remember("other", entryOf("other"), ANSWER);
  tokens.remember("token", entryOf("x".repeat(4_096)), ANSWER);
  expect([tokens.recall("token"), tokens.recall("other")?.claims.sub]).toEqual([undefined, "other"]);
});

test("what is remembered already takes no more room", () => {
  const tokens = rememberedTokens(TIGHT);
  tokens.remember("other", entryOf("other"), ANSWER);
  for (let count = 0; count < 5_000; count++) tokens.remember("token", entryOf("alice"), ANSWER);
  expect([tokens.size, tokens.bytes, tokens.recall("other")?.claims.sub]).toEqual([2, 16_384, "other"]);
});

test("what keys admitted that nobody knows to be in use takes nobody's place", () => {
  const tokens = rememberedTokens(TIGHT);
  tokens.remember("other", entryOf("other"), ANSWER);
  const admission: Admission = { source: { inUse: () => undefined }, in: {} };
  for (let count = 0; count < 5_000; count++) tokens.remember(`${count}`, { ...entryOf("alice"), admission }, ANSWER);
  expect([tokens.size, tokens.recall("other")?.claims.sub]).toEqual([1, "other"]);
});

test("with room for none, none is remembered", () => {
  const tokens = rememberedTokens(16_383);
  tokens.remember("token", entryOf("alice"), ANSWER);
  expect([tokens.size, tokens.bytes, tokens.find("token")]).toEqual([0, 0, undefined]);
});

test("no memory is taken before anything is remembered", () => {
  expect(rememberedTokens(ROOMY).bytes).toBe(0);
});

test("what keys admitted that are no longer in use is not found, and stays so whatever is admitted later", () => {
  const tokens = rememberedTokens(ROOMY);
  const source = { inUse: (): object | undefined => first };
  const [first, second] = [{}, {}];
  const admittedBy = (keys: object): Admission => ({ source, in: keys });
  tokens.remember("old", { ...entryOf("alice"), admission: admittedBy(first) }, ANSWER);
  expect(tokens.recall("old")?.admission).toEqual(admittedBy(first));
  source.inUse = () => second;
  expect([tokens.find("old"), tokens.recall("old")]).toEqual([undefined, undefined]);
  tokens.remember("new", { ...entryOf("bob"), admission: admittedBy(second) }, ANSWER);
  expect(tokens.recall("new")?.claims.sub).toBe("bob");
  source.inUse = () => first;
  expect(tokens.find("old")).toBeUndefined();
});

function entryOf(sub: string): Recognised {
  const claims = { iss: "https://issuer.example", sub, aud: ["https://api.example"], exp: 2, iat: 1, extra: {} };
  const origins: Recognised["origins"] = [{ iss: claims.iss, birth: 1_000, sub }];
  const marks = packMarks([
    ["d".repeat(16), 0],
    ["e".repeat(16), 1_000],
  ]);
  return { kind: "access", claims, origins, leeway: 0, standing: "current", isJwt: true, marks, isRemembered: false };
}
