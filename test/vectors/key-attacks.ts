/** Attacks through the keys that an issuer publishes: what it publishes, and what is signed with it. */
import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { JWK } from "jose";
import type { InactiveReason } from "../../src/core/inactive-reason.ts";
import { foreignPayload, type Members } from "../support/honest-jwt.ts";
import { encodePart } from "../support/sign-jws.ts";

/** A key set and a token that it must not verify. */
export type KeyAttack = {
  name: string;
  reason: InactiveReason;
  make(now: number): { keys: JWK[]; token: string };
};

type Algorithm = "EdDSA" | "ES256" | "RS256" | "PS256";
type Pair = { jwk: JWK; privateKey: KeyObject };

const PAIRS: Readonly<Record<Algorithm, Pair>> = {
  EdDSA: pair(generateKeyPairSync("ed25519")),
  ES256: pair(generateKeyPairSync("ec", { namedCurve: "P-256" })),
  RS256: pair(generateKeyPairSync("rsa", { modulusLength: 2_048 })),
  PS256: pair(generateKeyPairSync("rsa", { modulusLength: 2_048 })),
};
const SHORT = pair(generateKeyPairSync("rsa", { modulusLength: 1_024 }));
const EXPONENT_3 = pair(generateKeyPairSync("rsa", { modulusLength: 2_048, publicExponent: 3 }));
const SECP256K1 = pair(generateKeyPairSync("ec", { namedCurve: "secp256k1" }));
const SECRET = Buffer.alloc(32, 7);

/** What the issuer publishes and signs when it is honest. */
export function honestKeys(alg: Algorithm, now: number): { keys: JWK[]; token: string } {
  const { jwk, privateKey } = PAIRS[alg];
  return { keys: [{ ...jwk, kid: "key", alg, use: "sig" }], token: signed(alg, privateKey, now) };
}

export const KEY_ALGORITHMS: readonly Algorithm[] = ["EdDSA", "ES256", "RS256", "PS256"];

export const KEY_ATTACKS: readonly KeyAttack[] = [
  ...KEY_ALGORITHMS.flatMap((alg) => [
    published(`${alg}, the key is for encryption`, alg, { use: "enc" }),
    published(`${alg}, the key is for wrapping keys`, alg, { key_ops: ["wrapKey"] }),
    published(`${alg}, the key is for signing, not verifying`, alg, { key_ops: ["sign"] }),
    published(`${alg}, the key is for nothing`, alg, { key_ops: [] }),
    published(`${alg}, the key is for another algorithm`, alg, { alg: alg === "ES256" ? "ES384" : "ES256" }),
    published(`${alg}, the key is for an algorithm of encryption`, alg, { alg: "RSA-OAEP-256" }),
    published(`${alg}, the key has another kid`, alg, { kid: "Key" }),
    published(`${alg}, the key is published with its private part`, alg, { d: "AAAA" }),
    published(`${alg}, the key is of another type`, alg, { kty: alg === "ES256" ? "RSA" : "EC" }),
    published(`${alg}, the key is of no type`, alg, { kty: undefined }),
    published(`${alg}, the key is another's`, alg, otherKeyOf(alg), "bad_signature"),
    attack(`${alg}, two keys have the kid`, "unknown_key", (now) => {
      const { keys, token } = honestKeys(alg, now);
      return { keys: [...keys, ...keys.map((key) => ({ ...key, ...otherKeyOf(alg) }))], token };
    }),
    attack(`${alg}, the key has been withdrawn`, "unknown_key", (now) => ({ ...honestKeys(alg, now), keys: [] })),
  ]),
  attack("an RS256 key under PS256", "unknown_key", (now) => crossed("RS256", "PS256", now)),
  attack("a PS256 key under RS256", "unknown_key", (now) => crossed("PS256", "RS256", now)),
  attack("RSA of 1024 bits", "unknown_key", (now) => weak("RS256", SHORT, now)),
  attack("RSA with the exponent 3", "unknown_key", (now) => weak("RS256", EXPONENT_3, now)),
  attack("secp256k1 under ES256", "unknown_key", (now) => weak("ES256", SECP256K1, now)),
  attack("secp256k1 that calls itself P-256", "unknown_key", (now) => {
    const { keys, token } = weak("ES256", SECP256K1, now);
    return { keys: keys.map((key) => ({ ...key, crv: "P-256" })), token };
  }),
  attack("HS256 with a secret that the issuer publishes", "algorithm_not_allowed", (now) => {
    const { token } = honestKeys("ES256", now);
    const keys: JWK[] = [{ kty: "oct", k: SECRET.toString("base64url"), kid: "key", alg: "HS256" }];
    return { keys, token: token.replace(/^[^.]*/, encodePart({ alg: "HS256", kid: "key", typ: "at+jwt" })) };
  }),
  attack("an Ed25519 key of low order, which verifies what nobody signed", "unknown_key", (now) => {
    const identity = Buffer.from(`01${"00".repeat(31)}`, "hex");
    const [header, payload] = honestKeys("EdDSA", now).token.split(".");
    const keys: JWK[] = [{ kty: "OKP", crv: "Ed25519", x: identity.toString("base64url"), kid: "key" }];
    const forged = Buffer.concat([identity, Buffer.alloc(32)]).toString("base64url");
    return { keys, token: [header, payload, forged].join(".") };
  }),
];

function attack(name: string, reason: InactiveReason, make: KeyAttack["make"]): KeyAttack {
  return { name, reason, make };
}

/** The honest token, while the key is published with other members. */
function published(name: string, alg: Algorithm, members: Members, reason: InactiveReason = "unknown_key"): KeyAttack {
  return attack(name, reason, (now) => {
    const { keys, token } = honestKeys(alg, now);
    return { keys: keys.map((key) => ({ ...key, ...members })), token };
  });
}

/** A key that is published for one algorithm signs under another that it can do. */
function crossed(of: Algorithm, under: Algorithm, now: number): { keys: JWK[]; token: string } {
  return { keys: honestKeys(of, now).keys, token: signed(under, PAIRS[of].privateKey, now) };
}

function weak(alg: Algorithm, { jwk, privateKey }: Pair, now: number): { keys: JWK[]; token: string } {
  return { keys: [{ ...jwk, kid: "key", use: "sig" }], token: signed(alg, privateKey, now) };
}

function otherKeyOf(alg: Algorithm): Members {
  const made =
    alg === "EdDSA"
      ? generateKeyPairSync("ed25519")
      : alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return { ...made.publicKey.export({ format: "jwk" }) };
}

function signed(alg: Algorithm, key: KeyObject, now: number): string {
  const signedPart = `${encodePart({ alg, kid: "key", typ: "at+jwt" })}.${encodePart(foreignPayload(now))}`;
  const data = Buffer.from(signedPart);
  return `${signedPart}.${signatureOf(alg, data, key).toString("base64url")}`;
}

function signatureOf(alg: Algorithm, data: Buffer, key: KeyObject): Buffer {
  if (alg === "EdDSA") return sign(null, data, key);
  if (alg === "ES256") return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
  if (alg === "RS256") return sign("sha256", data, key);
  return sign("sha256", data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
}

function pair({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Pair {
  const { kty = "", ...members } = publicKey.export({ format: "jwk" });
  return { jwk: { kty, ...members }, privateKey };
}
