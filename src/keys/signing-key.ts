/** A signing key as a private JWK (RFC 7517; ML-DSA as in draft-ietf-cose-dilithium), named by its RFC 7638 thumbprint. */
import {
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { z } from "zod";
import type { SigningAlgorithm } from "../core/ports.ts";

export type SigningKeyPair = {
  kid: string;
  alg: SigningAlgorithm;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** Public members only. */
  publicJwk: JWK;
};

/** 2048 bits are trusted until 2030 (NIST SP 800-57), which a key made today may outlive; only signing gets dearer. */
const RSA_BITS = 3072;

const member = z.string().min(1);
const privateJwk = z.discriminatedUnion("kty", [
  z.object({ kty: z.literal("OKP"), alg: z.literal("EdDSA"), crv: z.literal("Ed25519"), x: member, d: member }),
  z.object({ kty: z.literal("EC"), alg: z.literal("ES256"), crv: z.literal("P-256"), x: member, y: member, d: member }),
  z.object({
    kty: z.literal("RSA"),
    alg: z.enum(["PS256", "RS256"]),
    n: member,
    e: member,
    d: member,
    p: member,
    q: member,
    dp: member,
    dq: member,
    qi: member,
  }),
  z.object({ kty: z.literal("AKP"), alg: z.literal("ML-DSA-65"), pub: member, priv: member }),
]);
type PrivateJwk = z.output<typeof privateJwk>;

export async function makeSigningKey(alg: string): Promise<{ kid: string; jwk: JWK }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const jwk = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint(jwk), jwk: { ...jwk, alg } };
}

/** @throws Error, never with what it read */
export async function loadSigningKey(kid: string, jwk: unknown): Promise<SigningKeyPair> {
  const parsed = privateJwk.safeParse(jwk);
  if (!parsed.success) throw new Error("not a private JWK as Assay writes it");
  const { alg } = parsed.data;
  const publicJwk = publicMembers(parsed.data);
  if ((await calculateJwkThumbprint(publicJwk)) !== kid) throw new Error("the kid is not the key's");
  const privateKey = asCryptoKey(await importJWK({ ...parsed.data, ext: true }, alg));
  const publicKey = asCryptoKey(await importJWK(publicJwk, alg));
  await proveThatTheyBelongTogether(alg, privateKey, publicKey);
  return { kid, alg, privateKey, publicKey, publicJwk: { ...publicJwk, kid, use: "sig" } };
}

/** By name, so that no private member can slip through. */
function publicMembers(jwk: PrivateJwk): JWK {
  const { kty, alg } = jwk;
  if (kty === "OKP") return { kty, alg, crv: jwk.crv, x: jwk.x };
  if (kty === "EC") return { kty, alg, crv: jwk.crv, x: jwk.x, y: jwk.y };
  if (kty === "AKP") return { kty, alg, pub: jwk.pub };
  return { kty, alg, n: jwk.n, e: jwk.e };
}

function asCryptoKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new Error("a symmetric key");
  return key;
}

/** A key that was damaged would else sign tokens that nobody can verify. */
async function proveThatTheyBelongTogether(alg: string, privateKey: CryptoKey, publicKey: CryptoKey): Promise<void> {
  const signed = await new CompactSign(new TextEncoder().encode("assay")).setProtectedHeader({ alg }).sign(privateKey);
  await compactVerify(signed, publicKey);
}
