import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeBase62 } from "../../../src/core/token/base62.ts";
import { isCallerSecret, makeCallerSecret } from "../../../src/core/token/caller-secret.ts";
import { withChecksum } from "../../../src/core/token/checksummed.ts";
import {
  encodeOpaqueToken,
  isOpaqueToken,
  opaqueSealingKey,
  opaqueTokenDigest,
} from "../../../src/core/token/opaque-token.ts";

describe("an opaque token", () => {
  test("is a prefix, 43 characters for 32 bytes, and a checksum of six", () => {
    expect(encodeOpaqueToken(randomBytes(32))).toMatch(/^asy_at_[0-9A-Za-z]{49}$/);
    expect(encodeOpaqueToken(Buffer.alloc(32))).toMatch(/^asy_at_0{43}[0-9A-Za-z]{6}$/);
  });

  test("is recognised by its form", () => {
    expect(isOpaqueToken(encodeOpaqueToken(randomBytes(32)))).toBe(true);
  });

  test.each([
    ["of 31 bytes", withChecksum(`asy_at_${encodeBase62(randomBytes(31))}`)],
    ["of 33 bytes", withChecksum(`asy_at_${encodeBase62(randomBytes(33))}`)],
    ["that spells more than 32 bytes can hold", withChecksum(`asy_at_${"z".repeat(43)}`)],
    ["with another prefix", withChecksum(`asy_xt_${encodeBase62(randomBytes(32))}`)],
    ["with its prefix in capitals", withChecksum(`ASY_AT_${encodeBase62(randomBytes(32))}`)],
    ["without a good checksum", `${encodeOpaqueToken(Buffer.alloc(32)).slice(0, -1)}!`],
  ])("one %s is none", (_name, text) => {
    expect(isOpaqueToken(text)).toBe(false);
  });

  test("the store knows it by its SHA-256", () => {
    const token = encodeOpaqueToken(randomBytes(32));
    expect(opaqueTokenDigest(token)).toEqual(createHash("sha256").update(token).digest());
  });

  test("the key of its record is what HKDF makes of it with ours (RFC 5869)", () => {
    const [token, ours] = [encodeOpaqueToken(randomBytes(32)), randomBytes(32)];
    expect(opaqueSealingKey(token, ours)).toEqual(
      Buffer.from(hkdfSync("sha256", token, ours, "assay/v1/opaque-token", 32)),
    );
  });

  test("the key of its record is its own and ours, and does not follow from its digest", () => {
    const [one, other] = [encodeOpaqueToken(Buffer.alloc(32, 1)), encodeOpaqueToken(Buffer.alloc(32, 2))];
    const [ours, theirs] = [randomBytes(32), randomBytes(32)];
    expect(opaqueSealingKey(one, ours)).toHaveLength(32);
    expect(opaqueSealingKey(one, ours)).not.toEqual(opaqueSealingKey(other, ours));
    expect(opaqueSealingKey(one, ours)).not.toEqual(opaqueSealingKey(one, theirs));
    expect(opaqueSealingKey(one, ours)).not.toEqual(opaqueTokenDigest(one));
  });
});

describe("a caller's secret", () => {
  test("is recognised by its form", () => {
    expect(makeCallerSecret()).toMatch(/^asy_cs_[0-9A-Za-z]{49}$/);
    expect(isCallerSecret(makeCallerSecret())).toBe(true);
  });

  test("is never the same twice", () => {
    expect(makeCallerSecret()).not.toBe(makeCallerSecret());
  });

  test.each([
    ["an opaque token", encodeOpaqueToken(randomBytes(32))],
    ["a password", "correct horse battery staple"],
    ["a secret with a character changed", makeCallerSecret().replace(/.$/, "!")],
    ["nothing", ""],
  ])("%s is none", (_name, text) => {
    expect(isCallerSecret(text)).toBe(false);
  });
});
