import type { Authority } from "../environment.ts";
import type { Family } from "../family.ts";
import { type Claims, scopesOf } from "../token/claims.ts";
import type { SecurityEvent } from "./security-event.ts";

/** When the family was rotated, and for which scopes; none means all. */
type Rotated = { at: number; asked: readonly string[] };

/** Tells what of a new access token is less than its family was granted. Call it for a rotation, and not for its retries. */
export function tellNarrowed(
  environment: Pick<Authority, "securityEvents">,
  { grant }: Family,
  claims: Claims,
  rotated: Rotated,
): void {
  const event = tokenClaimsChange(grant.claims, claims, rotated);
  if (event !== undefined) environment.securityEvents.tell(() => event);
}

/**
 * OpenID CAEP 1.0, section 3.2: the claims with their new values. What the token before this one said is not kept, so it is told with each
 * refresh that yields less than was granted.
 */
function tokenClaimsChange(granted: Claims, claims: Claims, { at, asked }: Rotated): SecurityEvent | undefined {
  const scopeIsLess = new Set(scopesOf(claims.scope)).size < new Set(scopesOf(granted.scope)).size;
  const audienceIsLess = claims.aud.length < granted.aud.length;
  if (!scopeIsLess && !audienceIsLess) return undefined;
  const byPolicy = audienceIsLess || asked.length === 0;
  const why = byPolicy ? "The policy of the client allows less than was granted." : "The client asked for less.";
  return {
    name: "token-claims-change",
    at,
    subject: {
      format: "complex",
      ...(granted.sid === undefined ? {} : { session: { format: "opaque", id: granted.sid } }),
      ...(claims.sub === undefined ? {} : { user: { format: "iss_sub", iss: claims.iss, sub: claims.sub } }),
    },
    details: {
      ...(byPolicy ? { initiating_entity: "policy" } : {}),
      reason_admin: { en: why },
      claims: {
        ...(scopeIsLess ? { scope: claims.scope ?? "" } : {}),
        ...(audienceIsLess ? { aud: claims.aud } : {}),
      },
    },
  };
}
