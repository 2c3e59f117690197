/** A foreign issuer that signs with every kind of key, found through the key set that a start would use. */
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { API, fixedKeys, FOREIGN, type TestCore } from "../support/core-environment.ts";

export const FOREIGN_ALGORITHMS = ["EdDSA", "ES256", "ES384", "ES512", "PS256", "RS256"] as const;

const MANY = "https://many.example";

/** Makes the core trust the issuer, and resolves to a token of it for each algorithm, in their order. */
export async function trustForeignAlgorithms(core: TestCore): Promise<string[]> {
  const signers = await Promise.all(FOREIGN_ALGORITHMS.map(signerFor));
  const known = core.environment.issuers.get(FOREIGN);
  if (known === undefined) throw new Error("the test core trusts no foreign issuer");
  const keys = fixedKeys(signers.map(({ jwk }) => jwk));
  const many = { ...known, issuer: MANY, algorithms: new Set(FOREIGN_ALGORITHMS), keys };
  core.environment.issuers = new Map([...core.environment.issuers, [MANY, many]]);
  return Promise.all(signers.map(({ sign }) => sign(core.now())));
}

async function signerFor(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const sign = (now: number): Promise<string> => {
    const iat = Math.floor(now / 1_000);
    const claims = {
      iss: MANY,
      sub: "bob",
      aud: API,
      client_id: "portal",
      scope: "read",
      iat,
      exp: iat + 600,
      jti: alg,
    };
    return new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg, kid: alg, typ: "at+jwt" })
      .sign(privateKey);
  };
  return { alg, sign, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" } };
}
