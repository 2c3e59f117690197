import type { InactiveReason } from "../inactive-reason.ts";
import { type ClaimNames, withOurNames } from "./claim-names.ts";
import type { Claims } from "./claims.ts";
import type { Payload } from "./payload.ts";
import { readClaims } from "./read-claims.ts";

/** What one issuer's claims must obey. Lifetime and leeway in seconds, `now` in milliseconds. */
export type ClaimRules = {
  maxLifetime: number;
  leeway: number;
  /** The token must name one of these; undefined where the caller's audiences alone decide. */
  audiences: ReadonlySet<string> | undefined;
  /** By our names. */
  requiredClaims: readonly string[];
  /** What the issuer calls our claims. */
  claimNames: ClaimNames;
  now: number;
};

/** Claims of a token whose signature is good, if they can be believed at all. Expiry is checked at each use, not here. */
export function verifyClaims(payload: Payload, rules: ClaimRules): Claims | InactiveReason {
  const named = withOurNames(payload, rules.claimNames);
  const claims = readClaims(named);
  if (claims === undefined || claims.exp <= claims.iat) return "invalid_claims";
  if (!rules.requiredClaims.every((name) => isSaid(named, name))) return "invalid_claims";
  if (claims.iat > rules.now / 1_000 + rules.leeway) return "issued_in_future";
  if (claims.exp - claims.iat > rules.maxLifetime) return "lifetime_too_long";
  if (rules.audiences !== undefined && !claims.aud.some((audience) => rules.audiences?.has(audience)))
    return "audience_mismatch";
  return claims;
}

/** A claim that says nothing does not count. */
function isSaid(payload: Payload, name: string): boolean {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}
