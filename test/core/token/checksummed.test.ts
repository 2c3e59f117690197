import { describe, expect, test } from "vitest";
import { checksummedBody, withChecksum } from "../../../src/core/token/checksummed.ts";

const PREFIX = "asy_xx_";
const BODY = "0123456789abcdef";
const TEXT = withChecksum(PREFIX + BODY);

describe("checksummed text", () => {
  test("the body is what lies between prefix and checksum", () => {
    expect(checksummedBody(TEXT, PREFIX, BODY.length)).toBe(BODY);
  });

  test("the checksum is six characters long whatever precedes it", () => {
    for (let body = 0; body < 500; body++) {
      expect(withChecksum(PREFIX + body)).toHaveLength(PREFIX.length + String(body).length + 6);
    }
  });

  test("changing any one character to any other is noticed", () => {
    for (let at = 0; at < TEXT.length; at++) {
      for (const other of ["0", "Z", "z", "_", " "]) {
        const altered = TEXT.slice(0, at) + other + TEXT.slice(at + 1);
        expect(checksummedBody(altered, PREFIX, BODY.length)).toBe(altered === TEXT ? BODY : undefined);
      }
    }
  });

  test.each([
    ["another prefix with its own good checksum", withChecksum(`asy_yy_${BODY}`)],
    ["a body that is too long, with a good checksum", withChecksum(`${PREFIX + BODY}0`)],
    ["a body that is too short, with a good checksum", withChecksum(PREFIX + BODY.slice(1))],
    ["two characters swapped", withChecksum(`${PREFIX}1023456789abcdef`).slice(0, -6) + TEXT.slice(-6)],
    ["a checksum that is cut", TEXT.slice(0, -1)],
    ["a line end after it", `${TEXT}\n`],
    ["the prefix alone", PREFIX],
    ["nothing", ""],
  ])("%s is refused", (_name, text) => {
    expect(checksummedBody(text, PREFIX, BODY.length)).toBeUndefined();
  });
});
