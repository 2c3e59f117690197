/** Proofs that must not be believed. Each row says what is wrong, the fault that is found, and what the attack changes. */
import { generateKeyPairSync } from "node:crypto";
import type { DpopFault } from "../../../src/core/proof/dpop.ts";
import { hashOf } from "../../support/dpop.ts";
import {
  hmacWith,
  honestHeader,
  honestPayload,
  IAT,
  type Keys,
  NOW,
  type Parts,
  signedBy,
  TOKEN,
} from "./proof-under-attack.ts";

type Attack = [name: string, fault: DpopFault, change: (keys: Keys, honest: Parts) => Partial<Parts>];

const FORM = "is not a JWS in compact serialization of two JSON objects, or is too long";
const HEADER = "has a typ other than dpop+jwt, or header members that are not allowed";
const ALGORITHM = "is signed with an algorithm that is not allowed";
const KEY = "carries no public key that fits its algorithm and is strong enough";
const SIGNATURE = "has a bad signature";
const CLAIMS = "lacks jti, htm, htu or iat, or one of its claims is of the wrong type or too long";
const METHOD = "was made for another HTTP method";
const URI = "was made for another URI";
const TOKEN_HASH = "was made for another access token";

const FORM_ATTACKS: Attack[] = [
  ["nothing", FORM, () => ({ spell: () => "" })],
  ["a second proof after a comma, as two headers become one", FORM, () => ({ spell: (proof) => `${proof}, ${proof}` })],
  ["white space at its end", FORM, () => ({ spell: (proof) => `${proof}\n` })],
  ["padding", FORM, () => ({ spell: (proof) => `${proof}==` })],
  ["no signature", FORM, () => ({ spell: (proof) => proof.slice(0, proof.lastIndexOf(".") + 1) })],
  ["five parts, as an encrypted token has", FORM, () => ({ spell: (proof) => `${proof}.AA.AA` })],
  ["17 KiB", FORM, () => ({ payload: { ...honestPayload(), more: "x".repeat(17_000) } })],
  ["a header with alg twice", FORM, () => ({ header: '{"typ":"dpop+jwt","alg":"none","alg":"ES256"}' })],
  [
    "a payload with htu twice",
    FORM,
    () => ({ payload: '{"htu":"https://a.example/","htu":"https://api.example/orders/1"}' }),
  ],
  ["a payload that is no object", FORM, () => ({ payload: "[]" })],
  ["a payload that is no JSON", FORM, () => ({ payload: "htm=GET" })],
  [
    "stray bits in its last character",
    FORM,
    () => ({ signature: () => Buffer.alloc(64), spell: (proof) => `${proof.slice(0, -1)}B` }),
  ],
];

const HEADER_ATTACKS: Attack[] = [
  ["no typ", HEADER, ({ own }) => ({ header: { ...honestHeader(own), typ: undefined } })],
  ["the typ of an access token", HEADER, ({ own }) => ({ header: { ...honestHeader(own), typ: "at+jwt" } })],
  ["the typ JWT", HEADER, ({ own }) => ({ header: { ...honestHeader(own), typ: "JWT" } })],
  ["a crit", HEADER, ({ own }) => ({ header: { ...honestHeader(own), crit: ["exp"] } })],
  ["an unencoded payload", HEADER, ({ own }) => ({ header: { ...honestHeader(own), b64: false } })],
  [
    "a key to be fetched",
    HEADER,
    ({ own }) => ({ header: { ...honestHeader(own), jku: "https://evil.example/jwks" } }),
  ],
  [
    "a certificate to be fetched",
    HEADER,
    ({ own }) => ({ header: { ...honestHeader(own), x5u: "https://evil.example/" } }),
  ],
  ["a certificate chain", HEADER, ({ own }) => ({ header: { ...honestHeader(own), x5c: ["AA=="] } })],
  ["alg none", ALGORITHM, ({ own }) => ({ header: { ...honestHeader(own), alg: "none" } })],
  ["alg None", ALGORITHM, ({ own }) => ({ header: { ...honestHeader(own), alg: "None" } })],
  ["no alg", ALGORITHM, ({ own }) => ({ header: { ...honestHeader(own), alg: undefined } })],
  ["an alg that is a list", ALGORITHM, ({ own }) => ({ header: { ...honestHeader(own), alg: ["ES256"] } })],
  [
    "an HMAC keyed with the public key",
    ALGORITHM,
    ({ own }) => ({
      header: { ...honestHeader(own), alg: "HS256" },
      signature: hmacWith(JSON.stringify(own.publicJwk)),
    }),
  ],
  [
    "an HMAC keyed with a key that it carries",
    ALGORITHM,
    () => ({
      header: { typ: "dpop+jwt", alg: "HS256", jwk: { kty: "oct", k: "AAAA" } },
      signature: hmacWith("\0\0\0"),
    }),
  ],
];

const KEY_ATTACKS: Attack[] = [
  ["no key", KEY, ({ own }) => ({ header: { ...honestHeader(own), jwk: undefined } })],
  ["a key that is text", KEY, ({ own }) => ({ header: { ...honestHeader(own), jwk: JSON.stringify(own.publicJwk) } })],
  ["a private key", KEY, ({ own }) => ({ header: { ...honestHeader(own), jwk: own.privateJwk } })],
  [
    "an oct key under an asymmetric alg",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { kty: "oct", k: "AAAA" } } }),
  ],
  [
    "a key of another curve",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, crv: "P-384" } } }),
  ],
  [
    "a curve that nobody knows",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, crv: "secp256k1" } } }),
  ],
  [
    "a key of another type than its alg",
    KEY,
    ({ own, ed25519 }) => ({ header: { ...honestHeader(own), jwk: ed25519.publicJwk } }),
  ],
  [
    "a point that is not on the curve",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, y: own.publicJwk.x } } }),
  ],
  [
    "a point with a coordinate cut short",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, x: "AAAA" } } }),
  ],
  [
    "a coordinate in another spelling",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, x: `${own.publicJwk.x}=` } } }),
  ],
  [
    "a key for encryption",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, use: "enc" } } }),
  ],
  [
    "a key for another alg",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, alg: "ES384" } } }),
  ],
  [
    "a key to sign with",
    KEY,
    ({ own }) => ({ header: { ...honestHeader(own), jwk: { ...own.publicJwk, key_ops: ["sign"] } } }),
  ],
  ["an RSA key of 1024 bits", KEY, () => ({ header: { typ: "dpop+jwt", alg: "RS256", jwk: rsaJwk(1_024) } })],
  [
    "an RSA key with the exponent 3",
    KEY,
    () => ({ header: { typ: "dpop+jwt", alg: "PS256", jwk: { ...rsaJwk(2_048), e: "Aw" } } }),
  ],
  [
    "an RSA key with an even exponent",
    KEY,
    () => ({ header: { typ: "dpop+jwt", alg: "RS256", jwk: { ...rsaJwk(2_048), e: "AQAC" } } }),
  ],
  [
    "an RSA key with an exponent of 256 bytes",
    KEY,
    () => ({ header: { typ: "dpop+jwt", alg: "RS256", jwk: { ...rsaJwk(2_048), e: rsaJwk(2_048).n } } }),
  ],
  ["a signature by another key than it carries", SIGNATURE, ({ other }) => ({ signature: signedBy(other) })],
  [
    "a key exchanged after it was signed",
    SIGNATURE,
    ({ own, other }) => ({ header: { ...honestHeader(own), jwk: other.publicJwk } }),
  ],
  ["a signature of zeros (CVE-2022-21449)", SIGNATURE, () => ({ signature: () => Buffer.alloc(64) })],
  ["a signature in DER", SIGNATURE, () => ({ signature: () => Buffer.from("3006020100020100", "hex") })],
  ["a payload changed after it was signed", SIGNATURE, ({ own }) => ({ signature: () => signedBy(own)("other.text") })],
];

const CLAIM_ATTACKS: Attack[] = [
  ["no jti", CLAIMS, () => ({ payload: { ...honestPayload(), jti: undefined } })],
  ["an empty jti", CLAIMS, () => ({ payload: { ...honestPayload(), jti: "" } })],
  ["a jti that is a number", CLAIMS, () => ({ payload: { ...honestPayload(), jti: 1 } })],
  ["a jti of 256 characters", CLAIMS, () => ({ payload: { ...honestPayload(), jti: "x".repeat(256) } })],
  ["half a character as jti", CLAIMS, () => ({ payload: JSON.stringify({ ...honestPayload(), jti: "\uD800" }) })],
  ["no htm", CLAIMS, () => ({ payload: { ...honestPayload(), htm: undefined } })],
  ["no htu", CLAIMS, () => ({ payload: { ...honestPayload(), htu: undefined } })],
  ["an htu that is a path", CLAIMS, () => ({ payload: { ...honestPayload(), htu: "/orders/1" } })],
  [
    "an htu with a password",
    CLAIMS,
    () => ({ payload: { ...honestPayload(), htu: "https://a:b@api.example/orders/1" } }),
  ],
  ["no iat", CLAIMS, () => ({ payload: { ...honestPayload(), iat: undefined } })],
  ["an iat that is text", CLAIMS, () => ({ payload: { ...honestPayload(), iat: String(IAT) } })],
  ["an iat with a fraction", CLAIMS, () => ({ payload: { ...honestPayload(), iat: IAT + 0.5 } })],
  ["an iat beyond all numbers", FORM, () => ({ payload: JSON.stringify(honestPayload()).replace(`${IAT}`, "1e400") })],
  ["an ath that is a list", CLAIMS, () => ({ payload: { ...honestPayload(), ath: [hashOf(TOKEN)] } })],
  ["a nonce that is a number", CLAIMS, () => ({ payload: { ...honestPayload(), nonce: 1 } })],
  ["another method", METHOD, () => ({ payload: { ...honestPayload(), htm: "POST" } })],
  ["its method in lower case", METHOD, () => ({ payload: { ...honestPayload(), htm: "get" } })],
  ["another path", URI, () => ({ payload: { ...honestPayload(), htu: "https://api.example/orders/2" } })],
  ["its path in upper case", URI, () => ({ payload: { ...honestPayload(), htu: "https://api.example/ORDERS/1" } })],
  ["a slash more", URI, () => ({ payload: { ...honestPayload(), htu: "https://api.example/orders/1/" } })],
  ["another host", URI, () => ({ payload: { ...honestPayload(), htu: "https://api.example.evil/orders/1" } })],
  ["another port", URI, () => ({ payload: { ...honestPayload(), htu: "https://api.example:8443/orders/1" } })],
  ["http for https", URI, () => ({ payload: { ...honestPayload(), htu: "http://api.example/orders/1" } })],
  ["61 seconds of age", "is too old", () => ({ payload: { ...honestPayload(), iat: IAT - 61 } })],
  ["an iat of the year 1970", "is too old", () => ({ payload: { ...honestPayload(), iat: 0 } })],
  ["11 seconds of future", "was made in the future", () => ({ payload: { ...honestPayload(), iat: IAT + 11 } })],
  ["an iat in milliseconds", "was made in the future", () => ({ payload: { ...honestPayload(), iat: NOW } })],
  ["no ath", TOKEN_HASH, () => ({ payload: { ...honestPayload(), ath: undefined } })],
  ["the ath of another token", TOKEN_HASH, () => ({ payload: { ...honestPayload(), ath: hashOf("another") } })],
  [
    "its ath in hex",
    TOKEN_HASH,
    () => ({ payload: { ...honestPayload(), ath: Buffer.from(hashOf(TOKEN), "base64url").toString("hex") } }),
  ],
  ["the token itself as ath", TOKEN_HASH, () => ({ payload: { ...honestPayload(), ath: TOKEN } })],
];

const RECEIVER_ATTACKS: Attack[] = [
  [
    "a receiver that does not say its request",
    "came without the HTTP method and URI of the request",
    (_keys, { expected }) => ({ expected: { ...expected, http: undefined } }),
  ],
  [
    "a receiver whose URI cannot be read",
    URI,
    (_keys, { expected }) => ({
      expected: { ...expected, http: { method: "GET", uri: "https://api.example\\orders/1" } },
    }),
  ],
];

export const ATTACKS: readonly Attack[] = [
  ...FORM_ATTACKS,
  ...HEADER_ATTACKS,
  ...KEY_ATTACKS,
  ...CLAIM_ATTACKS,
  ...RECEIVER_ATTACKS,
];

function rsaJwk(modulusLength: number) {
  return generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ format: "jwk" });
}
