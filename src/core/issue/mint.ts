import { randomBytes } from "node:crypto";
import { type AuditFacts, audited } from "../audited.ts";
import { stopIfGone } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import type { Authority, ClientPolicy, TokenFormat } from "../environment.ts";
import { AssayError } from "../error.ts";
import { createFamily, type FamilyGrant } from "../family.ts";
import { macKey } from "../own-key.ts";
import { requireTrail } from "../require-trail.ts";
import { Secret } from "../secret.ts";
import type { Claims, Confirmation } from "../token/claims.ts";
import { toPayload } from "../token/payload.ts";
import { readClaims } from "../token/read-claims.ts";
import { RESERVED_CLAIMS } from "../token/registered-claims.ts";
import { encodeRefreshToken } from "../token/refresh-token.ts";
import { uuidV7 } from "../token/uuid.ts";
import { placeOf } from "../signals/issued-from.ts";
import { makeAccessToken } from "./access-token.ts";
import { birthNow } from "./birth.ts";
import { ACCESS_TOKEN_TYPE, factsOf, type Issued, secondsUntil, tokenTypeOf } from "./issued.ts";
import { chooseFormat, policyFor, requireAudience, requireGrant, requireScopes } from "./policy.ts";

export type MintRequest = {
  clientId: string;
  subject: string;
  scopes: readonly string[];
  audience: readonly string[];
  format?: TokenFormat;
  /** Whole seconds. */
  lifetime?: number;
  refresh: boolean;
  cnf?: Confirmation;
  claims?: Readonly<Record<string, unknown>>;
  authTime?: number;
  acr?: string;
  amr?: readonly string[];
  context?: ClientContext;
};

/**
 * Begins a family with an access token and, if asked for, its first refresh token.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `grant_not_allowed`, `scope_not_allowed`, `audience_not_allowed`,
 *   `format_not_allowed`, `invalid_request`, `store_unavailable`, `store_full`, `audit_unavailable`, `call_gone` (nothing written)
 */
export async function mint(environment: Authority, caller: Caller, request: MintRequest): Promise<Issued> {
  requireTrail(environment);
  const asked = { kind: "token_issued", caller, clientId: request.clientId } as const;
  return audited(environment, asked, (facts) => decide(environment, caller, request, facts));
}

async function decide(
  environment: Authority,
  caller: Caller,
  request: MintRequest,
  facts: AuditFacts,
): Promise<Issued> {
  facts.about = { iss: environment.issuer, sub: request.subject };
  const policy = policyFor(environment, caller, request.clientId, "mint");
  requireScopes(policy, request.scopes);
  requireAudience(policy, request.audience);
  if (request.refresh) requireGrant(policy, "refresh");
  const format = chooseFormat(policy, request.format);
  requirePast(environment, request.authTime);
  const lifetime = Math.min(request.lifetime ?? policy.accessLifetime, policy.accessMaxLifetime);

  const birth = await birthNow(environment, request.subject, request.clientId);
  const iat = Math.floor(birth / 1_000);
  const sid = uuidV7(birth, randomBytes(10));
  const claims: Claims = {
    ...claimsOf(environment, request),
    sid,
    jti: uuidV7(birth, randomBytes(10)),
    iat,
    exp: iat + lifetime,
  };
  requireReadable(claims);
  Object.assign(facts, factsOf(claims, format));
  stopIfGone(environment.call);
  const refresh = request.refresh
    ? await beginChain(environment, policy, sid, birth, { format, lifetime, claims })
    : undefined;
  const accessToken = await makeAccessToken(environment, {
    format,
    claims,
    ancestors: [],
    random: () => randomBytes(32),
    place: request.context && placeOf(environment.keys.selector, request.context),
  });

  return {
    accessToken,
    tokenType: tokenTypeOf(claims.cnf),
    expiresIn: secondsUntil(claims.exp, environment.store.clock.now()),
    ...(refresh === undefined ? {} : { refresh }),
    scope: request.scopes.join(" "),
    issuedTokenType: ACCESS_TOKEN_TYPE,
    sid,
  };
}

function claimsOf(environment: Authority, request: MintRequest): Omit<Claims, "exp" | "iat"> {
  return {
    iss: environment.issuer,
    sub: request.subject,
    aud: request.audience,
    client_id: request.clientId,
    scope: request.scopes.length === 0 ? undefined : request.scopes.join(" "),
    cnf: request.cnf,
    auth_time: request.authTime,
    acr: request.acr,
    amr: request.amr,
    extra: request.claims ?? {},
  };
}

/** Nobody has signed in tomorrow: a resource server that asks how long ago it was would be deceived. */
function requirePast(environment: Authority, authTime: number | undefined): void {
  if (authTime === undefined || authTime <= environment.store.clock.now() / 1_000 + environment.leeway) return;
  const violation = { field: "mint.auth_time", description: "lies in the future" };
  throw new AssayError("invalid_request", `${violation.field} ${violation.description}`, { fields: [violation] });
}

/** Whatever front door it came through: a token that nobody could read, or that would speak for us, is not made. */
function requireReadable(claims: Claims): void {
  const taken = Object.keys(claims.extra).find((name) => RESERVED_CLAIMS.has(name));
  if (taken !== undefined) {
    throw new AssayError("invalid_request", `mint.claims: '${taken}' is a registered claim: leave it out`);
  }
  if (claims.exp > claims.iat && readClaims(toPayload(claims)) !== undefined) return;
  throw new AssayError(
    "invalid_request",
    "mint: a claim is empty, too long or of the wrong type: no token could say it",
  );
}

async function beginChain(
  environment: Authority,
  policy: ClientPolicy,
  sid: string,
  birth: number,
  first: Omit<FamilyGrant, "salt">,
): Promise<{ token: Secret; expiresIn: number }> {
  const salt = randomBytes(16);
  const { id: macKeyId, key } = await macKey(environment);
  const expiresAt = birth + policy.refreshAbsoluteLifetime * 1_000;
  const idleExpiresAt = Math.min(birth + policy.refreshIdleLifetime * 1_000, expiresAt);
  const claims = { ...first.claims, jti: undefined, exp: Math.floor(expiresAt / 1_000) };
  await createFamily(
    environment,
    sid,
    { ...first, salt, claims },
    { macKeyId, rotatedAt: birth, idleExpiresAt, expiresAt },
  );
  return {
    token: new Secret(encodeRefreshToken({ macKeyId, sid, generation: 0 }, key, salt)),
    expiresIn: secondsUntil(idleExpiresAt / 1_000, environment.store.clock.now()),
  };
}
