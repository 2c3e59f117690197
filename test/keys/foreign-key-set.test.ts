import { generateKeyPairSync } from "node:crypto";
import { exportJWK, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { parseForeignKeySet } from "../../src/keys/foreign-key-set.ts";
import { foreignKeyPair, verifies } from "./foreign-key-pair.ts";

const es256 = await foreignKeyPair("ES256", "one");
const other = await foreignKeyPair("ES256", "two");
const rsa = await foreignKeyPair("RS256", "rsa");
const ed = await foreignKeyPair("EdDSA", "ed");
const weak = await exportJWK(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey);
const exact = await exportJWK(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
const nearly = await exportJWK(generateKeyPairSync("rsa", { modulusLength: 2047 }).publicKey);

describe("a foreign key is found", () => {
  test.each([
    ["ES256", es256],
    ["RS256", rsa],
    ["EdDSA", ed],
  ])("by its kid and the algorithm %s", async (alg, pair) => {
    const set = parseForeignKeySet({ keys: [es256.publicJwk, rsa.publicJwk, ed.publicJwk] });
    const found = await set.find({ alg, kid: pair.publicJwk.kid ?? "" });
    expect(await verifies(found, alg, pair.privateKey)).toBe(true);
  });

  test("without a kid when exactly one key fits, and its kid is told: it could not be revoked else", async () => {
    const set = parseForeignKeySet({ keys: [rsa.publicJwk, es256.publicJwk] });
    const found = await set.find({ alg: "ES256" });
    expect(await verifies(found, "ES256", es256.privateKey)).toBe(true);
    expect(found?.kid).toBe("one");
  });

  test("for any algorithm of its kind when it names none", async () => {
    const { alg, ...open } = rsa.publicJwk;
    const set = parseForeignKeySet({ keys: [open] });
    expect(await set.find({ alg: alg ?? "", kid: "rsa" })).toBeDefined();
    expect(await set.find({ alg: "PS512", kid: "rsa" })).toBeDefined();
  });

  test("with a modulus of exactly 2048 bits", async () => {
    const set = parseForeignKeySet({ keys: [exact] });
    expect(set).toMatchObject({ size: 1, refused: [] });
  });

  test("beside keys that are of no use", async () => {
    const set = parseForeignKeySet({
      keys: [{}, { kty: "AKP" }, { kty: 7 }, { ...other.privateJwk }, { kty: "oct", k: "c2VjcmV0" }, es256.publicJwk],
    });
    expect(await set.find({ alg: "ES256", kid: "one" })).toBeDefined();
  });
});

describe("no key is found", () => {
  const one: JWK = es256.publicJwk;
  test.each<[string, JWK[], { alg: string; kid?: string }]>([
    ["for an unknown kid", [one], { alg: "ES256", kid: "three" }],
    ["for another case of the kid", [one], { alg: "ES256", kid: "ONE" }],
    ["for an empty kid", [one], { alg: "ES256", kid: "" }],
    ["without a kid when two keys fit", [one, other.publicJwk], { alg: "ES256" }],
    ["when two keys have the kid", [one, { ...other.publicJwk, kid: "one" }], { alg: "ES256", kid: "one" }],
    ["when its alg is another", [{ ...one, alg: "ES384" }], { alg: "ES256", kid: "one" }],
    ["when its use is encryption", [{ ...one, use: "enc" }], { alg: "ES256", kid: "one" }],
    ["when its key_ops exclude verify", [{ ...one, key_ops: ["sign"] }], { alg: "ES256", kid: "one" }],
    ["when its key_ops are empty", [{ ...one, key_ops: [] }], { alg: "ES256", kid: "one" }],
    ["when its type cannot do the algorithm", [rsa.publicJwk], { alg: "ES256", kid: "rsa" }],
    ["when its curve cannot do the algorithm", [{ ...one, alg: "ES384" }], { alg: "ES384", kid: "one" }],
    ["when its point is not on the curve", [{ ...one, x: one.y ?? "" }], { alg: "ES256", kid: "one" }],
    [
      "when it lacks a coordinate",
      [{ kty: "EC", crv: "P-256", kid: "one", x: one.x ?? "" }],
      { alg: "ES256", kid: "one" },
    ],
    ["for HS256 with a public key", [{ ...one, alg: "HS256" }], { alg: "HS256", kid: "one" }],
    ["for none", [one], { alg: "none", kid: "one" }],
    ["for None", [one], { alg: "None", kid: "one" }],
    ["for an algorithm that is a property of every object", [one], { alg: "constructor", kid: "one" }],
    ["in an empty set", [], { alg: "ES256" }],
  ])("%s", async (_, keys, query) => {
    expect(await parseForeignKeySet({ keys }).find(query)).toBeUndefined();
  });
});

describe("a dangerous key is refused, and its index named", () => {
  test.each<[string, JWK, string]>([
    ["symmetric", { kty: "oct", k: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", kid: "one" }, "symmetric"],
    ["private EC", { ...es256.privateJwk }, "private"],
    ["private OKP", { ...ed.privateJwk }, "private"],
    ["private RSA", { ...rsa.privateJwk }, "private"],
    ["RSA of 1024 bits", weak, "2048"],
    ["RSA of 2047 bits", nearly, "2048"],
    ["RSA whose modulus is padded with zeros", { ...weak, n: padded(weak.n) }, "2048"],
    ["RSA without a modulus", { kty: "RSA", e: "AQAB" }, "2048"],
  ])("%s", (_, key, word) => {
    const set = parseForeignKeySet({ keys: [es256.publicJwk, key] });
    expect(set.size).toBe(1);
    expect(set.refused).toEqual([expect.stringMatching(new RegExp(`index 1 .*${word}`))]);
  });
});

describe("no set is made of", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["a list", [es256.publicJwk]],
    ["a single key", es256.publicJwk],
    ["a set of strings", { keys: ["key"] }],
    ["more than 256 keys", { keys: Array.from({ length: 257 }, () => es256.publicJwk) }],
  ])("%s", (_, value) => {
    expect(() => parseForeignKeySet(value)).toThrow("not a JWK Set");
  });
});

function padded(modulus = ""): string {
  return Buffer.concat([Buffer.alloc(200), Buffer.from(modulus, "base64url")]).toString("base64url");
}
