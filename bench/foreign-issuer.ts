import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

export const FOREIGN_ISSUER = "https://idp.example";
export const ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** An issuer that the bench's servers trust, with a key of each algorithm. */
export type ForeignIssuer = {
  /** Public, by algorithm; the `kid` is the algorithm. */
  jwks: readonly JWK[];
  /** A JWT access token (RFC 9068). */
  sign(token: ForeignToken): Promise<string>;
};

export type ForeignToken = {
  algorithm: Algorithm;
  jti: string;
  audience: string;
  clientId: string;
  isExpired: boolean;
};

const LIFETIME_S = 3_600;

export async function makeForeignIssuer(): Promise<ForeignIssuer> {
  const keys = new Map<Algorithm, CryptoKey>();
  const jwks: JWK[] = [];
  for (const alg of ALGORITHMS) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(alg, privateKey);
    jwks.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" });
  }
  const sign = ({ algorithm, jti, audience, clientId, isExpired }: ForeignToken): Promise<string> => {
    const key = keys.get(algorithm);
    if (key === undefined) throw new Error(`there is no key for ${algorithm}`);
    const issuedAt = Math.floor(Date.now() / 1_000) - (isExpired ? LIFETIME_S + 60 : 0);
    return new SignJWT({ client_id: clientId, scope: "read", jti })
      .setProtectedHeader({ alg: algorithm, kid: algorithm, typ: "at+jwt" })
      .setIssuer(FOREIGN_ISSUER)
      .setSubject("alice")
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_S)
      .sign(key);
  };
  return { jwks, sign };
}
