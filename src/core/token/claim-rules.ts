import type { InactiveReason } from "../inactive-reason.ts";
import type { Claims } from "./claims.ts";
import { readClaims } from "./read-claims.ts";

/** What one issuer's claims must obey. Lifetime and leeway in seconds, `now` in milliseconds. */
export type ClaimRules = {
  maxLifetime: number;
  leeway: number;
  /** The token must name one of these; undefined where the caller's audiences alone decide. */
  audiences: ReadonlySet<string> | undefined;
  now: number;
};

/** Claims of a token whose signature is good, if they can be believed at all. Expiry is checked at each use, not here. */
export function verifyClaims(payload: Readonly<Record<string, unknown>>, rules: ClaimRules): Claims | InactiveReason {
  const claims = readClaims(payload);
  if (claims === undefined || claims.exp <= claims.iat) return "invalid_claims";
  if (claims.iat > rules.now / 1_000 + rules.leeway) return "issued_in_future";
  if (claims.exp - claims.iat > rules.maxLifetime) return "lifetime_too_long";
  if (rules.audiences !== undefined && !claims.aud.some((audience) => rules.audiences?.has(audience)))
    return "audience_mismatch";
  return claims;
}
