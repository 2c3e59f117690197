import { randomBytes } from "node:crypto";
import { notAlive } from "../alive.ts";
import { type AuditFacts, audited } from "../audited.ts";
import { stopIfGone } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import type { Authority, ClientPolicy } from "../environment.ts";
import { invalidGrant } from "../error.ts";
import { newBinding, type NoteMisuse, useBinding } from "../proof/new-binding.ts";
import type { PresentedProof } from "../proof/presented-proof.ts";
import { proveAbsence } from "../prove-absence.ts";
import { recognise } from "../recognise.ts";
import { requireTrail } from "../require-trail.ts";
import { isRevoked } from "../revoked.ts";
import type { Secret } from "../secret.ts";
import { type Actor, type Claims, type Confirmation, scopesOf } from "../token/claims.ts";
import { MAX_ORIGINS } from "../token/origins.ts";
import { MAX_ACT_DEPTH } from "../token/read-claims.ts";
import { isObject } from "../token/strict-json.ts";
import { birthOf, uuidV7 } from "../token/uuid.ts";
import type { Origin, VerifiedToken } from "../token/verified-token.ts";
import { observe, observedToken } from "../signals/observe.ts";
import { placeOf } from "../signals/issued-from.ts";
import { makeAccessToken } from "./access-token.ts";
import { ACCESS_TOKEN_TYPE, factsOf, type Issued, secondsUntil, tokenTypeOf } from "./issued.ts";
import { chooseFormat, policyFor, requireAudience, requireScopes } from "./policy.ts";

export type ExchangeTokenType =
  | "urn:ietf:params:oauth:token-type:access_token"
  | "urn:ietf:params:oauth:token-type:jwt";

export type ExchangeRequest = {
  clientId: string;
  subjectToken: Secret;
  actorToken?: Secret;
  audience: readonly string[];
  /** Empty means what both the subject token and the client's policy allow. */
  scopes: readonly string[];
  requestedTokenType?: ExchangeTokenType;
  /** What the exchanging client itself proves: the new token is bound to it. */
  proof?: PresentedProof;
  context?: ClientContext;
};

/**
 * Trades a token for one with no more power, for another audience (RFC 8693). It never outlives or outranks what it comes from,
 * and dies with it. It is bound to the key that the client proves, and never unbound where its subject token is bound.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `grant_not_allowed`, `scope_not_allowed`, `audience_not_allowed`,
 *   `format_not_allowed`, `store_unavailable`, `store_full`, `keys_unavailable`, `audit_unavailable`, `call_gone`, `invalid_grant` for every refusal of the
 *   subject or actor token, alike, and `invalid_proof` or `use_dpop_nonce` where these are good and the proof is not
 */
export async function exchange(environment: Authority, caller: Caller, request: ExchangeRequest): Promise<Issued> {
  requireTrail(environment);
  const asked = { kind: "token_exchanged", caller, clientId: request.clientId } as const;
  return audited(environment, asked, (facts) => decide(environment, caller, request, facts));
}

async function decide(
  environment: Authority,
  caller: Caller,
  request: ExchangeRequest,
  facts: AuditFacts,
): Promise<Issued> {
  const policy = policyFor(environment, caller, request.clientId, "exchange");
  requireScopes(policy, request.scopes);
  requireAudience(policy, request.audience);
  const isJwtWanted = request.requestedTokenType === "urn:ietf:params:oauth:token-type:jwt";
  const format = chooseFormat(policy, isJwtWanted ? "jwt" : undefined);

  const subject = await acceptToken(environment, policy, request.subjectToken);
  [facts.about] = subject.origins;
  const note: NoteMisuse = (verdict) => {
    const seen = observedToken(environment, request.subjectToken, subject);
    observe(environment, { caller, audiences: "all", context: request.context, ...verdict, token: seen });
  };
  const actor =
    request.actorToken === undefined ? undefined : await acceptToken(environment, policy, request.actorToken);
  // Whose it is could be proved by its own key only, and the proof is the client's.
  if (actor?.claims.cnf !== undefined) throw invalidGrant("actor_bound");
  const now = environment.store.clock.now();
  const claims = claimsOf(environment, policy, request, { subject, actor, now });
  const ancestors = [...subject.origins, ...(actor?.origins ?? [])];
  if (ancestors.length > MAX_ORIGINS) throw invalidGrant("too_many_origins");
  stopIfGone(environment.call);
  // One look for all: what it comes from, and the new token itself, which a revocation of this client may already name.
  if (await isRevoked(environment, [originOf(claims), ...ancestors])) {
    note({ outcome: "revoked" });
    throw invalidGrant("revoked");
  }
  const cnf = await bind(environment, caller, policy, request, { bound: subject.claims.cnf, note });

  Object.assign(facts, factsOf(claims, format));
  return {
    accessToken: await makeAccessToken(environment, {
      format,
      claims: { ...claims, cnf },
      ancestors,
      random: () => randomBytes(32),
      place: request.context && placeOf(environment.keys.selector, request.context),
    }),
    tokenType: tokenTypeOf(cnf),
    expiresIn: secondsUntil(claims.exp, now),
    scope: claims.scope ?? "",
    issuedTokenType: request.requestedTokenType ?? ACCESS_TOKEN_TYPE,
    sid: claims.sid,
  };
}

type Parties = { subject: VerifiedToken; actor: VerifiedToken | undefined; now: number };

/**
 * A confidential client is known without its key, so it may prove any; a public one is who holds the subject token's own key.
 * @returns what the new token is bound to
 */
async function bind(
  environment: Authority,
  caller: Caller,
  policy: ClientPolicy,
  { subjectToken, proof = {} }: ExchangeRequest,
  { bound, note }: { bound: Confirmation | undefined; note: NoteMisuse },
): Promise<Confirmation | undefined> {
  const binding = await newBinding(environment, proof, { bound, sameKey: policy.isPublic, note });
  const purpose = { operation: "exchange", token: subjectToken.reveal(), requestId: proof.requestId } as const;
  stopIfGone(environment.call);
  await useBinding(environment, caller, binding, purpose, note);
  return binding.cnf;
}

/** Access tokens only, alive, and the client's own or meant for one of the audiences it serves. */
async function acceptToken(environment: Authority, policy: ClientPolicy, secret: Secret): Promise<VerifiedToken> {
  const token = await recognise(environment, secret.reveal());
  if (typeof token === "string") {
    await proveAbsence(environment, token);
    throw invalidGrant(token);
  }
  if (token.kind === "refresh" || isUnprovable(token.claims.cnf)) throw invalidGrant("not_exchangeable");
  const dead = notAlive(token.claims, 0, environment.store.clock.now());
  if (dead !== undefined) throw invalidGrant(dead);
  const isOwn = token.claims.iss === environment.issuer && token.claims.client_id === policy.clientId;
  const isForIt = token.claims.aud.some((audience) => policy.subjectAudiences.has(audience));
  if (!isOwn && !isForIt) throw invalidGrant("audience_mismatch");
  return token;
}

/** Such a token is active for nobody. */
function isUnprovable(cnf: Confirmation | undefined): boolean {
  return cnf !== undefined && cnf.jkt === undefined && cnf["x5t#S256"] === undefined;
}

function claimsOf(
  environment: Authority,
  policy: ClientPolicy,
  request: ExchangeRequest,
  parties: Parties,
): Claims & { sid: string } {
  const { subject, actor, now } = parties;
  const { sub, auth_time, acr, amr, extra } = subject.claims;
  // Without an issuer `may_act` names somebody of its token's issuer, or of ours: another's users may bear any name.
  const isStranger = actor !== undefined && ![subject.claims.iss, environment.issuer].includes(actor.claims.iss);
  if (sub === undefined || !mayAct(extra["may_act"], policy, actor, isStranger)) throw invalidGrant("may_not_act");
  const iat = Math.floor(now / 1_000);
  const exp = Math.min(iat + policy.accessLifetime, subject.claims.exp, actor?.claims.exp ?? Infinity);
  const birth = Math.floor(now);
  const isOwnFamily = subject.claims.iss === environment.issuer && subject.claims.sid !== undefined;
  return {
    iss: environment.issuer,
    sub,
    aud: request.audience,
    client_id: policy.clientId,
    scope: narrowed(policy, request.scopes, subject.claims),
    sid: isOwnFamily && subject.claims.sid !== undefined ? subject.claims.sid : uuidV7(birth, randomBytes(10)),
    jti: uuidV7(birth, randomBytes(10)),
    iat,
    exp,
    nbf: subject.claims.nbf,
    act: actOf(subject.claims, actor?.claims),
    auth_time,
    acr,
    amr,
    extra: extra["may_act"] === undefined ? {} : { may_act: extra["may_act"] },
  };
}

function narrowed(policy: ClientPolicy, requested: readonly string[], subject: Claims): string | undefined {
  const granted = scopesOf(subject.scope);
  if (!requested.every((scope) => granted.includes(scope))) throw invalidGrant("insufficient_scope");
  const scopes = requested.length === 0 ? granted.filter((scope) => policy.scopes.has(scope)) : requested;
  return scopes.length === 0 ? undefined : scopes.join(" ");
}

/** RFC 8693 section 4.1: the newest actor first, those before it nested. */
function actOf(subject: Claims, actor: Claims | undefined): Actor | undefined {
  if (actor === undefined) return subject.act;
  if (actor.sub === undefined || depthOf(subject.act) >= MAX_ACT_DEPTH) throw invalidGrant("may_not_act");
  const { iss, sub, client_id } = actor;
  return {
    iss,
    sub,
    ...(client_id === undefined ? {} : { client_id }),
    ...(subject.act === undefined ? {} : { act: subject.act }),
  };
}

function depthOf(act: Actor | undefined): number {
  let depth = 0;
  for (let current: unknown = act; isObject(current); current = current["act"]) depth++;
  return depth;
}

/** RFC 8693 section 4.4: where the subject token names who may act, it is the actor, or else the client itself. */
function mayAct(named: unknown, policy: ClientPolicy, actor: VerifiedToken | undefined, isStranger: boolean): boolean {
  if (named === undefined) return true;
  if (!isObject(named)) return false;
  const { sub, iss, client_id } = actor?.claims ?? { sub: policy.clientId, iss: undefined, client_id: policy.clientId };
  return (
    (named["sub"] === undefined || named["sub"] === sub) &&
    (named["iss"] === undefined ? !isStranger : named["iss"] === iss) &&
    (named["client_id"] === undefined || named["client_id"] === client_id) &&
    (named["sub"] !== undefined || named["client_id"] !== undefined)
  );
}

function originOf(claims: Claims & { sid: string }): Origin {
  const { iss, sid, sub, client_id } = claims;
  return { iss, birth: birthOf(sid) ?? 0, sid, sub, client_id };
}
