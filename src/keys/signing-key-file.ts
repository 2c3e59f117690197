/** A signing key as a private JWK (RFC 7517) with the members `kid`, `alg`, `use` and `created`. */
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
import { StartError } from "../core/start-error.ts";
import { readSecretFile } from "./secret-file.ts";

export type StoredSigningKey = {
  kid: string;
  alg: SigningAlgorithm;
  /** Milliseconds. */
  created: number;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** Public members only. */
  publicJwk: JWK;
};

/** 2048 bits are trusted until 2030 (NIST SP 800-57), which a key made today may outlive; only signing gets dearer. */
const RSA_BITS = 3072;

const member = z.string().min(1);
const common = { kid: member, use: z.literal("sig"), created: z.iso.datetime() };
const storedJwk = z.discriminatedUnion("kty", [
  z.object({
    ...common,
    kty: z.literal("OKP"),
    alg: z.literal("EdDSA"),
    crv: z.literal("Ed25519"),
    x: member,
    d: member,
  }),
  z.object({
    ...common,
    kty: z.literal("EC"),
    alg: z.literal("ES256"),
    crv: z.literal("P-256"),
    x: member,
    y: member,
    d: member,
  }),
  z.object({
    ...common,
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
]);
type StoredJwk = z.output<typeof storedJwk>;

export async function makeSigningKey(alg: SigningAlgorithm, created: Date): Promise<{ kid: string; text: string }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, text: `${JSON.stringify({ ...jwk, kid, alg, use: "sig", created: created.toISOString() })}\n` };
}

/** @throws StartError, never with the contents */
export async function readSigningKey(path: string): Promise<StoredSigningKey> {
  const { text } = await readSecretFile(path);
  try {
    return await signingKeyOf(storedJwk.parse(JSON.parse(text)));
  } catch {
    // Without the cause: a JSON error quotes what it read.
    throw new StartError(
      `The key file ${path} does not hold a private JWK as Assay writes it. Restore it from a backup, or remove it and run: assay keys rotate`,
    );
  }
}

export function signingKeyFileName(kid: string): string {
  return `signing-${kid}.jwk`;
}

async function signingKeyOf(jwk: StoredJwk): Promise<StoredSigningKey> {
  const { kid, alg } = jwk;
  const publicJwk = publicMembers(jwk);
  if ((await calculateJwkThumbprint(publicJwk)) !== kid) throw new Error("the kid is not the key's");
  const privateKey = asCryptoKey(await importJWK({ ...jwk, ext: false }, alg));
  const publicKey = asCryptoKey(await importJWK(publicJwk, alg));
  await proveThatTheyBelongTogether(alg, privateKey, publicKey);
  return { kid, alg, created: Date.parse(jwk.created), privateKey, publicKey, publicJwk };
}

/** By name, so that no private member can slip through. */
function publicMembers(jwk: StoredJwk): JWK {
  const { kty, kid, alg, use } = jwk;
  if (kty === "OKP") return { kty, kid, alg, use, crv: jwk.crv, x: jwk.x };
  if (kty === "EC") return { kty, kid, alg, use, crv: jwk.crv, x: jwk.x, y: jwk.y };
  return { kty, kid, alg, use, n: jwk.n, e: jwk.e };
}

function asCryptoKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new Error("a symmetric key");
  return key;
}

/** A file with a flipped bit would else sign tokens that nobody can verify. */
async function proveThatTheyBelongTogether(alg: string, privateKey: CryptoKey, publicKey: CryptoKey): Promise<void> {
  const signed = await new CompactSign(new TextEncoder().encode("assay")).setProtectedHeader({ alg }).sign(privateKey);
  await compactVerify(signed, publicKey);
}
