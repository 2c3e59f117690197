import { crc32 as zlibCrc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../../src/core/token/crc32.ts";

describe("crc32", () => {
  test.each([
    ["", "00000000"],
    ["a", "e8b7be43"],
    ["abc", "352441c2"],
    ["123456789", "cbf43926"],
    ["The quick brown fox jumps over the lazy dog", "414fa339"],
  ])("of %j it is the published value", (text, expected) => {
    expect(crc32(text).toString(16).padStart(8, "0")).toBe(expected);
  });

  test("it agrees with zlib on any ASCII text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        expect(crc32(text)).toBe(zlibCrc32(text));
      }),
    );
  });
});
