import { CompactSign, compactVerify, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import type { IssuerKey } from "../../src/core/ports.ts";

export type ForeignKeyPair = { publicJwk: JWK; privateJwk: JWK; privateKey: CryptoKey };

/** A key of a foreign issuer, with `alg` in its JWK. */
export async function foreignKeyPair(alg: string, kid: string): Promise<ForeignKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const members = { kid, alg, use: "sig" };
  return {
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), ...members },
    privateJwk: { ...(await exportJWK(privateKey)), ...members },
  };
}

/** Whether the found key is the one that signs. */
export async function verifies(found: IssuerKey | undefined, alg: string, privateKey: CryptoKey): Promise<boolean> {
  if (found === undefined) return false;
  const jws = await new CompactSign(new TextEncoder().encode("text")).setProtectedHeader({ alg }).sign(privateKey);
  return compactVerify(jws, found.key).then(
    () => true,
    () => false,
  );
}
