import { compactVerify, type CryptoKey, errors } from "jose";
import type { Environment, TrustedIssuer } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { verifyClaims } from "./token/claim-rules.ts";
import { type CompactJws, parseCompactJws } from "./token/compact-jws.ts";
import { type JwsHeader, readJwsHeader } from "./token/jws-header.ts";
import { foreignOrigin, ownOrigin, readOrigins } from "./token/origins.ts";
import type { VerifiedToken } from "./token/verified-token.ts";

const OWN_TYPES = new Set(["at+jwt"]);
const OWN_ALGORITHMS = new Set(["EdDSA", "ES256", "PS256", "RS256"]);

/**
 * Whether a JWT is genuine: RFC 9068 section 4, RFC 8725. The algorithm and the key are chosen by the configuration of the
 * issuer that the token names, never by the token.
 * Not checked here: expiry, revocation, and whether the token is meant for the caller.
 * @throws AssayError `keys_unavailable`
 */
export async function verifyJwt(environment: Environment, token: string): Promise<VerifiedToken | InactiveReason> {
  const jws = parseCompactJws(token);
  if (jws === undefined) return "malformed";
  const { iss } = jws.payload;
  if (iss === environment.issuer) return verifyOwn(environment, token, jws);
  const issuer = typeof iss === "string" ? environment.issuers.get(iss) : undefined;
  return issuer === undefined ? "issuer_not_trusted" : verifyForeign(environment, issuer, token, jws);
}

async function verifyOwn(
  environment: Environment,
  token: string,
  jws: CompactJws,
): Promise<VerifiedToken | InactiveReason> {
  const header = readJwsHeader(jws.header, { types: OWN_TYPES, algorithms: OWN_ALGORITHMS });
  if (typeof header === "string") return header;
  const key = header.kid === undefined ? undefined : environment.keyring.verificationKey(header.kid);
  if (key === undefined) return "unknown_key";
  if (key.alg !== header.alg) return "algorithm_not_allowed";
  if (!(await isSignatureGood(environment, token, header, key.publicKey))) return "bad_signature";

  const leeway = environment.leeway;
  const maxLifetime = environment.accessMaxLifetime;
  const claims = verifyClaims(jws.payload, {
    leeway,
    maxLifetime,
    audiences: undefined,
    now: environment.store.clock.now(),
  });
  if (typeof claims === "string") return claims;
  const { origins: carried, ...extra } = claims.extra;
  const origin = ownOrigin(claims, header.kid);
  const ancestors = readOrigins(carried);
  if (origin === undefined || ancestors === undefined || claims.sub === undefined || claims.client_id === undefined)
    return "invalid_claims";
  return { kind: "access", claims: { ...claims, extra }, origins: [origin, ...ancestors], leeway: 0 };
}

async function verifyForeign(
  environment: Environment,
  issuer: TrustedIssuer,
  token: string,
  jws: CompactJws,
): Promise<VerifiedToken | InactiveReason> {
  const header = readJwsHeader(jws.header, issuer);
  if (typeof header === "string") return header;
  const found = await environment.trace("assay.issuer_keys.find", {}, () => issuer.keys.find(header));
  if (found === undefined) return "unknown_key";
  if (!(await isSignatureGood(environment, token, header, found.key))) return "bad_signature";

  const claims = verifyClaims(jws.payload, { ...issuer, now: environment.store.clock.now() });
  if (typeof claims === "string") return claims;
  const origin = foreignOrigin(claims, found.kid, issuer.leeway, jws.signedPart);
  return { kind: "access", claims, origins: [origin], leeway: issuer.leeway };
}

function isSignatureGood(environment: Environment, token: string, header: JwsHeader, key: CryptoKey): Promise<boolean> {
  return environment.trace("assay.verify_signature", { alg: header.alg }, async () => {
    try {
      await compactVerify(token, key, { algorithms: [header.alg] });
      return true;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
      throw error;
    }
  });
}
