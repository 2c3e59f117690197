import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { seal, unseal } from "../../src/core/sealing.ts";

const KEY = randomBytes(32);
/** What OpenSSL says of a bad tag, and Node of a part that is cut. */
const REFUSED = /unable to authenticate data|Invalid (authentication tag|initialization vector)/;
const VALUE = { subject: "alice@example.com", list: [1, null, "é😀"] };

describe("a sealed record", () => {
  test("opens under its key and context to what was sealed", () => {
    expect(unseal(KEY, "family:1", seal(KEY, "family:1", VALUE))).toEqual(VALUE);
  });

  test("shows nothing of what it holds, nor that two hold the same", () => {
    const [one, other] = [seal(KEY, "c", VALUE), seal(KEY, "c", VALUE)];
    expect(one.includes("alice")).toBe(false);
    expect(one.subarray(44)).not.toEqual(other.subarray(44));
  });

  test("does not open under another key", () => {
    expect(() => unseal(randomBytes(32), "c", seal(KEY, "c", VALUE))).toThrow(REFUSED);
  });

  test("does not open in another place", () => {
    expect(() => unseal(KEY, "family:2", seal(KEY, "family:1", VALUE))).toThrow(REFUSED);
    expect(() => unseal(KEY, "", seal(KEY, "family:1", VALUE))).toThrow(REFUSED);
  });

  test("does not open with any one byte changed", () => {
    const record = seal(KEY, "c", VALUE);
    for (let at = 0; at < record.length; at++) {
      const altered = Buffer.from(record);
      altered.writeUInt8(altered.readUInt8(at) ^ 0x01, at);
      expect(() => unseal(KEY, "c", altered)).toThrow(REFUSED);
    }
  });

  test("does not open when it is cut anywhere, or longer", () => {
    const record = seal(KEY, "c", VALUE);
    for (let length = 0; length < record.length; length++) {
      expect(() => unseal(KEY, "c", record.subarray(0, length))).toThrow(REFUSED);
    }
    expect(() => unseal(KEY, "c", Buffer.concat([record, Buffer.alloc(1)]))).toThrow(REFUSED);
  });
});
