import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeBase62, encodeBase62 } from "../../../src/core/token/base62.ts";
import { withChecksum } from "../../../src/core/token/checksummed.ts";
import {
  decodeRefreshToken,
  deriveForGeneration,
  encodeRefreshToken,
  isMacGood,
  type RefreshToken,
} from "../../../src/core/token/refresh-token.ts";
import { uuidV7 } from "../../../src/core/token/uuid.ts";

const KEY = randomBytes(32);
const SALT = randomBytes(16);
const FIELDS = { macKeyId: 7, sid: uuidV7(1_767_225_600_000, randomBytes(10)), generation: 3 };
const TEXT = encodeRefreshToken(FIELDS, KEY, SALT);
const BYTES = 41;

function decoded(text: string): RefreshToken {
  const token = decodeRefreshToken(text);
  if (token === undefined) throw new Error("not a refresh token");
  return token;
}

/** A well-formed token whose bytes a thief has changed. */
function forged(change: (bytes: Buffer) => void): string {
  const bytes = decodeBase62(TEXT.slice(7, -6), BYTES) ?? Buffer.alloc(0);
  change(bytes);
  return withChecksum(`asy_rt_${encodeBase62(bytes)}`);
}

describe("a refresh token", () => {
  test("says which family, generation and key it belongs to", () => {
    expect(decoded(TEXT)).toMatchObject(FIELDS);
    expect(isMacGood(decoded(TEXT), KEY, SALT)).toBe(true);
  });

  test("is as long in the last generation as in the first", () => {
    const lengths = [0, 1, 255, 65_536, 0xffffffff].map(
      (generation) => encodeRefreshToken({ ...FIELDS, generation }, KEY, SALT).length,
    );
    expect(new Set(lengths)).toEqual(new Set([7 + 56 + 6]));
  });

  test("is the same whenever it is made of the same fields, key and salt", () => {
    expect(encodeRefreshToken(FIELDS, KEY, SALT)).toBe(TEXT);
  });

  test("is not good under another key, nor with another family's salt", () => {
    expect(isMacGood(decoded(TEXT), randomBytes(32), SALT)).toBe(false);
    expect(isMacGood(decoded(TEXT), KEY, randomBytes(16))).toBe(false);
  });

  test.each([
    ["key id", { macKeyId: 8 }],
    ["family", { sid: uuidV7(1_767_225_600_001, randomBytes(10)) }],
    ["next generation", { generation: 4 }],
    ["last generation", { generation: 2 }],
  ])("with another %s its MAC is not good", (_name, change) => {
    expect(isMacGood({ ...decoded(TEXT), ...change }, KEY, SALT)).toBe(false);
  });

  test("with any one bit changed it is no token or its MAC is not good", () => {
    for (let bit = 0; bit < BYTES * 8; bit++) {
      const text = forged((bytes) => bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3));
      const token = decodeRefreshToken(text);
      expect(token !== undefined && isMacGood(token, KEY, SALT)).toBe(false);
    }
  });

  test.each([
    ["of another version", forged((bytes) => bytes.writeUInt8(2, 0))],
    ["of version 0", forged((bytes) => bytes.writeUInt8(0, 0))],
    ["that is cut", TEXT.slice(0, -1)],
    ["with something after it", `${TEXT}0`],
    ["with a bad checksum", TEXT.slice(0, -1) + (TEXT.endsWith("0") ? "1" : "0")],
    ["that spells more than its bytes can hold", withChecksum(`asy_rt_${"z".repeat(56)}`)],
    ["with the prefix of an access token", withChecksum(`asy_at_${TEXT.slice(7, -6)}`)],
  ])("one %s is none", (_name, text) => {
    expect(decodeRefreshToken(text)).toBeUndefined();
  });
});

describe("what is derived for a generation", () => {
  test("is the same again, so that a retry repeats its answer", () => {
    expect(deriveForGeneration("x", FIELDS, KEY, SALT)).toEqual(deriveForGeneration("x", FIELDS, KEY, SALT));
  });

  test("differs by purpose, generation, family, key and salt, and is no MAC of the token", () => {
    const all = [
      deriveForGeneration("x", FIELDS, KEY, SALT),
      deriveForGeneration("y", FIELDS, KEY, SALT),
      deriveForGeneration("x", { ...FIELDS, generation: 4 }, KEY, SALT),
      deriveForGeneration("x", { ...FIELDS, sid: uuidV7(1, randomBytes(10)) }, KEY, SALT),
      deriveForGeneration("x", { ...FIELDS, macKeyId: 8 }, KEY, SALT),
      deriveForGeneration("x", FIELDS, randomBytes(32), SALT),
      deriveForGeneration("x", FIELDS, KEY, randomBytes(16)),
      decoded(TEXT).mac,
    ].map((bytes) => bytes.subarray(0, 16).toString("hex"));
    expect(new Set(all).size).toBe(all.length);
  });
});
