import type { CryptoKey } from "jose";
import type { Admission } from "./admission.ts";
import { unlessGone } from "./call.ts";
import type { Environment, TrustedIssuer } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { OUR_NAMES } from "./token/claim-names.ts";
import { verifyClaims } from "./token/claim-rules.ts";
import { type CompactJws, parseCompactJws } from "./token/compact-jws.ts";
import { readJwsHeader } from "./token/jws-header.ts";
import { isSignatureGood } from "./token/jws-signature.ts";
import { foreignOrigin, ownOrigin, readOrigins } from "./token/origins.ts";
import type { VerifiedToken } from "./token/verified-token.ts";

export type AdmittedToken = VerifiedToken & { admission: Admission };

const OWN_HEADER = {
  types: new Set(["at+jwt"]),
  allowMissingType: false,
  algorithms: new Set(["EdDSA", "ES256", "PS256", "RS256", "ML-DSA-65"]),
};

/**
 * Whether a JWT is genuine: RFC 9068 section 4, RFC 8725. The algorithm and the key are chosen by the configuration of the
 * issuer that the token names, never by the token.
 * Not checked here: expiry, revocation, and whether the token is meant for the caller.
 * @throws AssayError `keys_unavailable`, `store_unavailable`, `rate_limited`, `call_gone`
 */
export async function verifyJwt(environment: Environment, token: string): Promise<AdmittedToken | InactiveReason> {
  const now = environment.store.clock.now();
  const refused = environment.refusedTokens.reasonFor(token, now);
  if (refused !== undefined) return refused;
  const verified = await verifyAnew(environment, token);
  if (typeof verified === "string") environment.refusedTokens.remember(token, verified, now);
  return verified;
}

function verifyAnew(environment: Environment, token: string): InactiveReason | Promise<AdmittedToken | InactiveReason> {
  const jws = parseCompactJws(token);
  if (jws === undefined) return "malformed";
  const { iss } = jws.payload;
  if (iss === environment.issuer) return verifyOwn(environment, jws);
  const issuer = typeof iss === "string" ? environment.issuers.get(iss) : undefined;
  return issuer === undefined ? "issuer_not_trusted" : verifyForeign(environment, issuer, jws);
}

async function verifyOwn(environment: Environment, jws: CompactJws): Promise<AdmittedToken | InactiveReason> {
  const header = readJwsHeader(jws.header, OWN_HEADER);
  if (typeof header === "string") return header;
  const key = header.kid === undefined ? undefined : await environment.keyring.verificationKey(header.kid);
  if (key === undefined) return "unknown_key";
  if (key.alg !== header.alg) return "algorithm_not_allowed";
  if (!(await isSigned(environment, jws, header.alg, key.publicKey))) return "bad_signature";

  const leeway = environment.leeway;
  const maxLifetime = environment.accessMaxLifetime;
  const claims = verifyClaims(jws.payload, {
    leeway,
    maxLifetime,
    audiences: undefined,
    requiredClaims: [],
    claimNames: OUR_NAMES,
    now: environment.store.clock.now(),
  });
  if (typeof claims === "string") return claims;
  const { origins: carried, ...extra } = claims.extra;
  const origin = ownOrigin(claims, header.kid);
  const ancestors = readOrigins(carried);
  if (origin === undefined || ancestors === undefined || claims.sub === undefined || claims.client_id === undefined)
    return "invalid_claims";
  return {
    kind: "access",
    claims: { ...claims, extra },
    origins: [origin, ...ancestors],
    leeway: 0,
    admission: { source: environment.keyring, in: key.in },
  };
}

async function verifyForeign(
  environment: Environment,
  issuer: TrustedIssuer,
  jws: CompactJws,
): Promise<AdmittedToken | InactiveReason> {
  const header = readJwsHeader(jws.header, issuer);
  if (typeof header === "string") return header;
  const found = await environment.trace("assay.issuer_keys.find", {}, () =>
    unlessGone(environment.call, () => issuer.keys.find(header)),
  );
  if (found === undefined) return "unknown_key";
  if (!(await isSigned(environment, jws, header.alg, found.key))) return "bad_signature";

  const claims = verifyClaims(jws.payload, { ...issuer, now: environment.store.clock.now() });
  if (typeof claims === "string") return claims;
  const origin = foreignOrigin(claims, found.kid, issuer.leeway, jws.signedPart);
  return {
    kind: "access",
    claims,
    origins: [origin],
    leeway: issuer.leeway,
    admission: { source: issuer.keys, in: found.in },
  };
}

function isSigned(environment: Environment, jws: CompactJws, alg: string, key: CryptoKey): Promise<boolean> {
  return environment.trace("assay.verify_signature", { alg }, () =>
    environment.signatureChecks(environment.call, () => isSignatureGood(jws, alg, key)),
  );
}
