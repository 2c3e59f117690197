import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Claims } from "../../../src/core/token/claims.ts";
import { foreignOrigin, MAX_ORIGINS, ownOrigin, readOrigins } from "../../../src/core/token/origins.ts";
import { uuidV7 } from "../../../src/core/token/uuid.ts";

const BIRTH = 1_767_225_600_123;
const SID = uuidV7(BIRTH, randomBytes(10));
const JTI = uuidV7(BIRTH + 60_000, randomBytes(10));
const CLAIMS: Claims = {
  iss: "https://issuer.example",
  sub: "alice",
  aud: ["a"],
  client_id: "web",
  iat: 1_767_225_660,
  exp: 1_767_226_260,
  sid: SID,
  jti: JTI,
  extra: {},
};
const ORIGIN = { iss: "https://issuer.example", birth: BIRTH };

describe("the origin of a token of ours", () => {
  test("is born with its family, whenever the token was minted", () => {
    expect(ownOrigin(CLAIMS, "k1")).toEqual({
      ...ORIGIN,
      jti: JTI,
      sid: SID,
      sub: "alice",
      client_id: "web",
      kid: "k1",
    });
  });

  test.each([
    ["no sid", { sid: undefined }],
    ["no jti", { jti: undefined }],
    ["a sid that says no birth", { sid: "s1" }],
    ["a jti that says no birth", { jti: "t1" }],
    ["a sid in upper case", { sid: SID.toUpperCase() }],
    ["a sid of UUID version 4", { sid: crypto.randomUUID() }],
  ])("with %s there is none", (_name, changes) => {
    expect(ownOrigin({ ...CLAIMS, ...changes }, "k1")).toBeUndefined();
  });
});

describe("the origin of a foreign token", () => {
  test("is born at its iat less the leeway, even if its ids look like ours", () => {
    expect(foreignOrigin(CLAIMS, "k1", 10, "h.p")).toMatchObject({
      birth: (CLAIMS.iat - 10) * 1_000,
      sid: SID,
      jti: JTI,
    });
  });

  test("goes by its jti, and no digest, where it has one", () => {
    expect(foreignOrigin(CLAIMS, undefined, 0, "h.p").digest).toBeUndefined();
  });

  test("goes by the SHA-256 of header.payload where it has no jti", () => {
    const digest = createHash("sha256").update("h.p").digest("base64url");
    expect(foreignOrigin({ ...CLAIMS, jti: undefined }, undefined, 0, "h.p")).toMatchObject({ digest });
  });
});

describe("the origins that a token carries", () => {
  test("are none when the claim is absent", () => {
    expect(readOrigins(undefined)).toEqual([]);
  });

  test("are read back as they were written", () => {
    const written = [
      { ...ORIGIN, jti: JTI, sid: SID, sub: "alice", client_id: "web", kid: "k1" },
      { ...ORIGIN, digest: "d" },
    ];
    expect(readOrigins(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  test(`are at most ${MAX_ORIGINS}`, () => {
    expect(readOrigins(Array.from({ length: MAX_ORIGINS }, () => ORIGIN))).toHaveLength(MAX_ORIGINS);
    expect(readOrigins(Array.from({ length: MAX_ORIGINS + 1 }, () => ORIGIN))).toBeUndefined();
  });

  test.each([
    ["null", null],
    ["an object", { 0: ORIGIN, length: 1 }],
    ["a string", "https://issuer.example"],
    ["a list with null", [null]],
    ["a list in a list", [[ORIGIN]]],
    ["an origin without issuer", [{ birth: BIRTH }]],
    ["an origin whose issuer is no string", [{ ...ORIGIN, iss: 1 }]],
    ["an origin without birth", [{ iss: "i" }]],
    ["a birth in text", [{ ...ORIGIN, birth: String(BIRTH) }]],
    ["a birth with a fraction", [{ ...ORIGIN, birth: 1.5 }]],
    ["an infinite birth", [{ ...ORIGIN, birth: Infinity }]],
    ["a jti that is no string", [{ ...ORIGIN, jti: 1 }]],
    ["a digest that is null", [{ ...ORIGIN, digest: null }]],
    ["a sid that is a list", [{ ...ORIGIN, sid: ["s"] }]],
    ["a sub that is an object", [{ ...ORIGIN, sub: {} }]],
    ["a client_id that is true", [{ ...ORIGIN, client_id: true }]],
    ["a kid that is a number", [{ ...ORIGIN, kid: 1 }]],
    ["one bad origin among good ones", [ORIGIN, ORIGIN, 1]],
  ])("%s is not of their shape", (_name, value) => {
    expect(readOrigins(value)).toBeUndefined();
  });
});
