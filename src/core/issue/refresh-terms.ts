import type { ClientPolicy } from "../environment.ts";
import type { Family } from "../family.ts";
import { type Claims, scopesOf } from "../token/claims.ts";

/** What the new access token says, and how long it lives, in seconds. */
export type Terms = { claims: Claims; lifetime: number };

/** @returns undefined where the family or the client's policy does not allow what is asked */
export function termsOf(
  policy: ClientPolicy,
  family: Family,
  request: { scopes: readonly string[] },
): Terms | undefined {
  const { claims, format, lifetime } = family.grant;
  const granted = scopesOf(claims.scope);
  if (!request.scopes.every((scope) => granted.includes(scope))) return undefined;
  // The policy may have become narrower since the family began.
  if (!request.scopes.every((scope) => policy.scopes.has(scope))) return undefined;
  const scopes = request.scopes.length === 0 ? granted.filter((scope) => policy.scopes.has(scope)) : request.scopes;
  const aud = claims.aud.filter((audience) => policy.audiences.has(audience));
  if (aud.length === 0 || !policy.formats.includes(format)) return undefined;
  const scope = scopes.length === 0 ? undefined : scopes.join(" ");
  return { claims: { ...claims, aud, scope }, lifetime: Math.min(lifetime, policy.accessMaxLifetime) };
}
