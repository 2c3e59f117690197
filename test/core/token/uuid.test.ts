import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { birthOf, uuidText, uuidV7, writeUuid } from "../../../src/core/token/uuid.ts";

const GREATEST_BIRTH = 2 ** 48 - 1;

describe("a UUIDv7", () => {
  test("carries its birth to the millisecond", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: GREATEST_BIRTH }), (birth) => {
        expect(birthOf(uuidV7(birth, randomBytes(10)))).toBe(birth);
      }),
    );
  });

  test("has version and variant whatever the random bytes", () => {
    expect(uuidV7(0, Buffer.alloc(10, 0xff))).toBe("00000000-0000-7fff-bfff-ffffffffffff");
    expect(uuidV7(GREATEST_BIRTH, Buffer.alloc(10))).toBe("ffffffff-ffff-7000-8000-000000000000");
  });

  test("is as RFC 9562 appendix A.6 shows", () => {
    const random = Buffer.from("0cc318c4dc0c0c07398f", "hex");
    expect(uuidV7(0x017f22e279b0, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  test("takes the first ten of more random bytes", () => {
    const random = randomBytes(32);
    expect(uuidV7(1, random)).toBe(uuidV7(1, random.subarray(0, 10)));
  });

  test("goes to bytes and back", () => {
    const uuid = uuidV7(1_767_225_600_000, randomBytes(10));
    const bytes = Buffer.alloc(18);
    writeUuid(bytes, 1, uuid);
    expect(uuidText(bytes.subarray(1, 17))).toBe(uuid);
    expect([bytes[0], bytes[17]]).toEqual([0, 0]);
  });

  test.each([
    ["of version 4", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f"],
    ["of version 1", "017f22e2-79b0-1cc3-98c4-dc0c0c07398f"],
    ["of another variant", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f"],
    ["in upper case", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"],
    ["in braces", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}"],
    ["as a URN", "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f"],
    ["without hyphens", "017f22e279b07cc398c4dc0c0c07398f"],
    ["with a line end", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n"],
    ["after a line", "x\n017f22e2-79b0-7cc3-98c4-dc0c0c07398f"],
    ["that is empty", ""],
  ])("one %s says no birth", (_name, text) => {
    expect(birthOf(text)).toBeUndefined();
  });
});
