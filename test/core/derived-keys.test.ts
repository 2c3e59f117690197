import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { deriveKeys, keyedDigest } from "../../src/core/derived-keys.ts";

describe("the keys derived from a root key", () => {
  test("are the same at every instance that has it", () => {
    const root = randomBytes(32);
    expect(deriveKeys(root)).toEqual(deriveKeys(Buffer.from(root)));
  });

  test("are different for each purpose and each root key", () => {
    const all = [deriveKeys(randomBytes(32)), deriveKeys(randomBytes(32))].flatMap((keys) => Object.values(keys));
    const starts = all.map((key) => key.subarray(0, 16).toString("hex"));
    expect(new Set(starts).size).toBe(starts.length);
  });
});

describe("a keyed digest", () => {
  const key = randomBytes(32);
  const hex = (...values: (string | number | undefined)[]) => keyedDigest(key, values).toString("hex");

  test.each([
    ["where one value ends and the next begins", hex("ab", "c"), hex("a", "bc")],
    ["a value that looks like two", hex('a","b'), hex("a", "b")],
    ["a number and its text", hex(1), hex("1")],
    ["an absent value and an empty one", hex(undefined), hex("")],
    ["an absent value and the text null", hex(undefined), hex("null")],
    ["an absent value and none", hex(undefined), hex()],
    ["two lone surrogates", hex("\uD800"), hex("\uD801")],
    ["their order", hex("a", "b"), hex("b", "a")],
  ])("tells apart %s", (_name, one, other) => {
    expect(one).not.toBe(other);
  });
});
