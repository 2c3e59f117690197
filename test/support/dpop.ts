/** DPoP keys and proofs as an honest client makes them (RFC 9449), in which a test changes what it is about. */
import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";

export type DpopKey = { alg: string; privateKey: CryptoKey; publicJwk: JWK; privateJwk: JWK; jkt: string };

export type DpopClaims = { htm: string; htu: string } & Readonly<Record<string, unknown>>;

export async function makeDpopKey(alg = "ES256"): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2_048 });
  const publicJwk = await exportJWK(publicKey);
  return {
    alg,
    privateKey,
    publicJwk,
    privateJwk: await exportJWK(privateKey),
    jkt: await calculateJwkThumbprint(publicJwk),
  };
}

/** A new proof: its own `jti`, made now unless the claims say otherwise. */
export function dpopProof(key: DpopKey, claims: DpopClaims): Promise<string> {
  const payload = { jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), ...claims };
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ typ: "dpop+jwt", alg: key.alg, jwk: key.publicJwk })
    .sign(key.privateKey);
}

/** The `ath` of an access token. */
export function hashOf(accessToken: string): string {
  return createHash("sha256").update(accessToken).digest("base64url");
}
