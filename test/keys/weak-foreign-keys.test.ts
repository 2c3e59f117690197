import { generateKeyPairSync } from "node:crypto";
import { exportJWK, type JWK } from "jose";
import { describe, expect, test } from "vitest";
import { parseForeignKeySet } from "../../src/keys/foreign-key-set.ts";
import { foreignKeyPair } from "./foreign-key-pair.ts";
import { base64url, closePrimesModulus, modulusOf, rocaModulus, rsaJwk, squareModulus } from "./weak-rsa.ts";

const honest = modulusOf(2_048);
const es256 = await foreignKeyPair("ES256", "one");
const ed = await foreignKeyPair("EdDSA", "ed");
const point = (hex: string): JWK => ({ kty: "OKP", crv: "Ed25519", x: Buffer.from(hex, "hex").toString("base64url") });
const curve = (namedCurve: string): Promise<JWK> => exportJWK(generateKeyPairSync("ec", { namedCurve }).publicKey);
const [secp256k1, p224] = [await jwkOf("secp256k1"), await jwkOf("secp224r1")];
const x25519 = await exportJWK(generateKeyPairSync("x25519").publicKey);
const ed448 = await exportJWK(generateKeyPairSync("ed448").publicKey);
const [p384, p521] = [await curve("P-384"), await curve("P-521")];

const P = 2n ** 255n - 19n;

describe("a key is refused that is", () => {
  test.each<[string, JWK, string]>([
    ["RSA of 2047 bits", rsaJwk(honest >> 1n), "fewer than 2048"],
    ["RSA of 16,384 bits, which would take us long", rsaJwk(2n ** 16_384n - 1n), "more than 8192"],
    ["RSA with a modulus of a megabyte", { kty: "RSA", n: "A".repeat(1_000_000), e: "AQAB" }, "more than 8192"],
    ["RSA with the exponent 1", rsaJwk(honest, 1n), "below 65537"],
    ["RSA with the exponent 3", rsaJwk(honest, 3n), "below 65537"],
    ["RSA with the exponent 65535", rsaJwk(honest, 65_535n), "below 65537"],
    ["RSA with the exponent 65538", rsaJwk(honest, 65_538n), "even"],
    ["RSA with an exponent of 65 bits", rsaJwk(honest, 2n ** 64n + 1n), "beyond 64 bits"],
    ["RSA without an exponent", { kty: "RSA", n: base64url(honest) }, "below 65537"],
    ["RSA with an even modulus", rsaJwk(honest + 1n), "small number"],
    ["RSA with a modulus that 1999 divides", rsaJwk(honest * 1_999n), "small number"],
    ["RSA of a chip that makes ROCA primes", rsaJwk(rocaModulus()), "ROCA"],
    ["RSA whose primes are neighbours", rsaJwk(closePrimesModulus()), "next to each other"],
    ["RSA whose primes are equal", rsaJwk(squareModulus()), "next to each other"],
    ["EC on secp256k1", secp256k1, "curve"],
    ["EC on a curve of 224 bits", p224, "curve"],
    ["EC on no curve", { kty: "EC", x: "AA", y: "AA" }, "curve"],
    ["EC whose point is not on the curve", { ...es256.publicJwk, x: es256.publicJwk.y ?? "" }, "malformed"],
    ["EC whose point is (0, 0)", { kty: "EC", crv: "P-256", x: zeros(), y: zeros() }, "malformed"],
    ["EC whose point is on another curve", { ...p384, crv: "P-256" }, "malformed"],
    ["EC without y", { kty: "EC", crv: "P-256", x: es256.publicJwk.x ?? "" }, "malformed"],
    ["X25519, which cannot sign", x25519, "curve"],
    ["Ed448, which nothing here verifies", ed448, "curve"],
    ["Ed25519 of too few bytes", { kty: "OKP", crv: "Ed25519", x: "AAAA" }, "malformed"],
    ["Ed25519 of zeros", point("00".repeat(32)), "low order"],
    ["Ed25519's neutral element", point(`01${"00".repeat(31)}`), "low order"],
    ["Ed25519's neutral element with a sign", point(`01${"00".repeat(30)}80`), "low order"],
    ["Ed25519's point of order 2", point(littleEndian(P - 1n)), "low order"],
    ["Ed25519's zero, not reduced", point(littleEndian(P)), "low order"],
    ["Ed25519's one, not reduced", point(littleEndian(P + 1n)), "low order"],
    [
      "Ed25519's point of order 8",
      point("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
      "low order",
    ],
    ["its other", point("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "low order"],
    ["its negative", point("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"), "low order"],
  ])("%s", (_, key, word) => {
    const set = parseForeignKeySet({ keys: [es256.publicJwk, key] });
    expect(set.refused).toEqual([expect.stringMatching(new RegExp(`index 1 .*${word}`))]);
    expect(set.size).toBe(1);
  });
});

describe("a key is good that is", () => {
  test.each<[string, JWK]>([
    ["RSA of 2048 bits", rsaJwk(honest)],
    ["RSA of 4096 bits", rsaJwk(modulusOf(4_096))],
    ["RSA with a greater odd exponent", rsaJwk(honest, 65_539n)],
    ["P-256", es256.publicJwk],
    ["P-384", p384],
    ["P-521", p521],
    ["Ed25519", ed.publicJwk],
  ])("%s", (_, key) => {
    expect(parseForeignKeySet({ keys: [key] })).toMatchObject({ refused: [], size: 1 });
  });

  test.each<[string, JWK]>([
    ["for encryption, weak as it may be", { ...rsaJwk(honest >> 1_024n), use: "enc" }],
    ["for key agreement", { ...x25519, use: "enc" }],
  ])("is left alone when it is %s: it verifies nothing", async (_, key) => {
    const set = parseForeignKeySet({ keys: [{ ...key, kid: "enc" }] });
    expect(set.refused).toEqual([]);
    expect(await set.find({ alg: "RS256", kid: "enc" })).toBeUndefined();
    expect(await set.find({ alg: "EdDSA", kid: "enc" })).toBeUndefined();
  });
});

/** node:crypto exports no JWK of these curves but secp256k1: the coordinates are the end of the SPKI. */
async function jwkOf(namedCurve: string): Promise<JWK> {
  const spki = generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "der" });
  const half = namedCurve === "secp224r1" ? 28 : 32;
  const coordinates = spki.subarray(-2 * half);
  const [x, y] = [coordinates.subarray(0, half), coordinates.subarray(half)];
  return { kty: "EC", crv: namedCurve, x: x.toString("base64url"), y: y.toString("base64url") };
}

function zeros(): string {
  return Buffer.alloc(32).toString("base64url");
}

function littleEndian(number: bigint): string {
  return Buffer.from(Buffer.from(number.toString(16).padStart(64, "0"), "hex").toReversed()).toString("hex");
}
