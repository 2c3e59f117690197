import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base62Length, decodeBase62, encodeBase62 } from "../../../src/core/token/base62.ts";

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => Buffer.from(value));
const anyBytes = fc.integer({ min: 1, max: 48 }).chain(bytes);

describe("base62", () => {
  test("whatever is encoded decodes to the same bytes", () => {
    fc.assert(
      fc.property(anyBytes, (value) => {
        expect(decodeBase62(encodeBase62(value), value.length)).toEqual(value);
      }),
    );
  });

  test("every value of a length has one length of text, in digits and letters only", () => {
    fc.assert(
      fc.property(anyBytes, (value) => {
        expect(encodeBase62(value)).toMatch(new RegExp(`^[0-9A-Za-z]{${base62Length(value.length)}}$`));
      }),
    );
  });

  test("a text that decodes at all is the one spelling of its value", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("019AZaz")), minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(text, (spelling) => {
        const value = decodeBase62(spelling, 4);
        expect(value === undefined || encodeBase62(value) === spelling).toBe(true);
      }),
    );
  });

  test("the greatest value decodes, and the next spelling after it does not", () => {
    const greatest = encodeBase62(Buffer.alloc(4, 0xff));
    expect(greatest).toBe("4gfFC3");
    expect(decodeBase62("4gfFC3", 4)).toEqual(Buffer.alloc(4, 0xff));
    expect(decodeBase62("4gfFC4", 4)).toBeUndefined();
  });

  test.each([
    ["a character too few", "00000"],
    ["a character too many", "0000000"],
    ["a leading space", " 00000"],
    ["a hyphen", "00000-"],
    ["an underscore", "0000_0"],
    ["a full-width digit", "00000０"],
    ["a character outside the Basic Multilingual Plane", "0000😀"],
    ["nothing", ""],
    ["a value beyond the length", "zzzzzz"],
  ])("%s is no base62 of four bytes", (_name, text) => {
    expect(decodeBase62(text, 4)).toBeUndefined();
  });

  test("no bytes are no text", () => {
    expect(encodeBase62(Buffer.alloc(0))).toBe("");
    expect(base62Length(0)).toBe(0);
  });
});
