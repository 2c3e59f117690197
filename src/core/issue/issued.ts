import type { AuditFacts } from "../audited.ts";
import type { TokenFormat } from "../environment.ts";
import type { Secret } from "../secret.ts";
import { type Claims, type Confirmation, scopesOf } from "../token/claims.ts";

/** An answer to Issue (RFC 6749 section 5.1, RFC 8693 section 2.2.1). Lifetimes in whole seconds from now. */
export type Issued = {
  accessToken: Secret;
  tokenType: "Bearer" | "DPoP";
  expiresIn: number;
  refresh?: { token: Secret; expiresIn: number };
  scope: string;
  issuedTokenType: "urn:ietf:params:oauth:token-type:access_token" | "urn:ietf:params:oauth:token-type:jwt";
  sid: string;
};

export const ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

/** RFC 9449 section 5: `DPoP` for a token bound to a DPoP key. */
export function tokenTypeOf(cnf: Confirmation | undefined): "Bearer" | "DPoP" {
  return cnf?.jkt === undefined ? "Bearer" : "DPoP";
}

/** What the audit trail tells of an access token that a client may have. */
export function factsOf(claims: Claims, format: TokenFormat): AuditFacts {
  return { about: claims, format, audiences: claims.aud, scopes: scopesOf(claims.scope) };
}

/** Whole seconds from `now` (milliseconds) to `exp` (NumericDate), begun ones counted: NumericDate knows no finer. */
export function secondsUntil(exp: number, now: number): number {
  return Math.max(0, Math.ceil(exp - now / 1_000));
}
