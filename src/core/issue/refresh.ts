import type { RevocationCause } from "../audit.ts";
import { type AuditFacts, audited } from "../audited.ts";
import { stopIfGone } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import type { Authority, ClientPolicy } from "../environment.ts";
import { type AssayError, invalidGrant } from "../error.ts";
import { tellNarrowed } from "../events/token-claims-change.ts";
import { type Family, killFamily } from "../family.ts";
import { fingerprintsOf } from "../fingerprint.ts";
import { keyedDigest } from "../derived-keys.ts";
import type { RotationOutcome, Successor } from "../ports.ts";
import { macKey } from "../own-key.ts";
import { newBinding, type NoteMisuse, useBinding } from "../proof/new-binding.ts";
import type { PresentedProof } from "../proof/presented-proof.ts";
import { proveAbsence } from "../prove-absence.ts";
import { type RecognisedRefreshToken, recogniseRefreshToken } from "../recognise-refresh-token.ts";
import { requireTrail } from "../require-trail.ts";
import { isRevoked } from "../revoked.ts";
import { Secret } from "../secret.ts";
import { observe, observedToken } from "../signals/observe.ts";
import type { Place } from "../signals/issued-from.ts";
import type { Severity, SignalKind } from "../signals/signal.ts";
import { type Claims, scopesOf } from "../token/claims.ts";
import { deriveForGeneration, encodeRefreshToken } from "../token/refresh-token.ts";
import { uuidV7 } from "../token/uuid.ts";
import { makeAccessToken } from "./access-token.ts";
import { ACCESS_TOKEN_TYPE, factsOf, type Issued, secondsUntil, tokenTypeOf } from "./issued.ts";
import { policyFor } from "./policy.ts";
import { type Terms, termsOf } from "./refresh-terms.ts";
import { type RefusedRotation, refusedForGood } from "./refused-for-good.ts";
import { placeIn, whence } from "./whence.ts";

export type RefreshRequest = {
  refreshToken: Secret;
  clientId: string;
  /** Empty means all that the family grants. */
  scopes: readonly string[];
  context?: ClientContext;
  /** What the client proves: the new access token is bound to it. */
  proof?: PresentedProof;
};

/**
 * Rotates a refresh token (RFC 6749 section 6, RFC 9700 section 4.14.2). A retry within the client's grace gets the same
 * successor again; any other second use of a token kills its family with everything minted from it.
 * A bound family never yields an unbound token: a public client proves the family's own key, a confidential one may prove another,
 * to which the new access token is bound (RFC 9449 section 5). A proof for an unbound family binds the new access token alone.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `grant_not_allowed`, `store_unavailable` (the outcome is
 *   unknown: retry with the same token), `store_full`, `audit_unavailable`, `call_gone`, `invalid_grant` for every refusal of the token, alike, and
 *   `invalid_proof` or `use_dpop_nonce` where the token is good and the proof is not
 */
export async function refresh(environment: Authority, caller: Caller, request: RefreshRequest): Promise<Issued> {
  requireTrail(environment);
  const asked = { kind: "token_refreshed", caller, clientId: request.clientId } as const;
  return audited(environment, asked, (facts) => decide(environment, caller, request, facts));
}

async function decide(
  environment: Authority,
  caller: Caller,
  request: RefreshRequest,
  facts: AuditFacts,
): Promise<Issued> {
  const policy = policyFor(environment, caller, request.clientId, "refresh");
  const found = await recogniseRefreshToken(environment, request.refreshToken.reveal());
  if (typeof found === "string") {
    await proveAbsence(environment, found);
    observe(environment, { caller, audiences: "all", context: request.context, outcome: found, isRefreshToken: true });
    throw refusal(environment, found);
  }
  const recognised = { ...found, note: noteOf(environment, caller, request, found) };
  facts.about = recognised.origin;
  if (recognised.family.grant.claims.client_id !== request.clientId) throw refusal(environment, "client_mismatch");
  if (await isRevoked(environment, [recognised.origin])) {
    recognised.note({ outcome: "revoked" });
    environment.countRotation("dead");
    throw invalidGrant("revoked");
  }
  const times = { now: Math.floor(environment.store.clock.now()), graceMs: policy.refreshGrace * 1_000 };
  const refused = refusedForGood(recognised.family.record, recognised.token.generation, times);
  if (refused !== undefined) return refuse(environment, caller, recognised, refused);

  const terms = termsOf(policy, recognised.family, request);
  if (terms === undefined) throw refusal(environment, "not_granted");
  const bound = await bind(environment, caller, policy, recognised, request, terms);
  const from = whence(environment.keys.selector, recognised.token, caller, request.context);
  const outcome = await rotate(environment, policy, recognised, request, bound, from);
  const { successor, context } = await acceptOrKill(environment, caller, recognised, outcome, from);
  if (outcome.outcome === "retried") facts.outcome = "repeated";
  else tellNarrowed(environment, recognised.family, bound.claims, { at: successor.rotatedAt, asked: request.scopes });
  return issueSuccessor(
    environment,
    recognised,
    successor,
    { terms: bound, place: placeIn(environment.keys.selector, recognised.token, context) },
    facts,
  );
}

/** A refresh token that we made, and who hears of what shows its misuse. */
type Presented = RecognisedRefreshToken & { note: NoteMisuse };

function noteOf(
  environment: Authority,
  caller: Caller,
  { refreshToken, context }: RefreshRequest,
  { family: { grant }, origin }: RecognisedRefreshToken,
): NoteMisuse {
  return (verdict) => {
    const known = { kind: "refresh", claims: grant.claims, origins: [origin] } as const;
    const token = observedToken(environment, refreshToken, known);
    observe(environment, { caller, audiences: "all", context, ...verdict, token });
  };
}

/** Uses the proof up: only the rotation itself is still to come. */
async function bind(
  environment: Authority,
  caller: Caller,
  policy: ClientPolicy,
  { token, family: { grant, record }, note }: Presented,
  { refreshToken, proof = {} }: RefreshRequest,
  terms: Terms,
): Promise<Terms> {
  const binding = await newBinding(environment, proof, { bound: grant.claims.cnf, sameKey: policy.isPublic, note });
  const purpose = { operation: "refresh", token: refreshToken.reveal(), requestId: proof.requestId } as const;
  // Any other than the family's current token may be proof of a theft, which the store is to judge whoever hangs up.
  if (token.generation === record.generation) stopIfGone(environment.call);
  await useBinding(environment, caller, binding, purpose, note);
  return { ...terms, claims: { ...terms.claims, cnf: binding.cnf } };
}

async function rotate(
  environment: Authority,
  policy: ClientPolicy,
  recognised: RecognisedRefreshToken,
  request: RefreshRequest,
  terms: Terms,
  context: Buffer,
): Promise<RotationOutcome> {
  const { selector: key } = environment.keys;
  const { id: macKeyId } = await macKey(environment);
  const { cnf } = terms.claims;
  return environment.store.families.rotate(recognised.family.id, {
    presented: recognised.token.generation,
    now: Math.floor(environment.store.clock.now()),
    // What was asked for, not what came of it: the policy may have changed before an honest retry.
    request: keyedDigest(key, [
      "refresh-request",
      request.clientId,
      askedScopes(recognised, request),
      cnf?.jkt,
      cnf?.["x5t#S256"],
    ]),
    context,
    macKeyId,
    graceMs: policy.refreshGrace * 1_000,
    idleMs: policy.refreshIdleLifetime * 1_000,
  });
}

function askedScopes({ family }: RecognisedRefreshToken, { scopes }: RefreshRequest): string {
  return (scopes.length === 0 ? scopesOf(family.grant.claims.scope) : scopes).toSorted().join(" ");
}

async function acceptOrKill(
  environment: Authority,
  caller: Caller,
  recognised: Presented,
  outcome: RotationOutcome,
  from: Buffer,
): Promise<{ successor: Successor; context: Buffer }> {
  if (outcome.outcome !== "rotated" && outcome.outcome !== "retried")
    return refuse(environment, caller, recognised, outcome);
  environment.countRotation(outcome.outcome);
  const { successor } = outcome;
  if (outcome.outcome === "rotated") return { successor, context: from };
  if (!outcome.context.equals(from)) emit(environment, caller, recognised, "refresh_retry_context_changed", "info");
  return { successor, context: outcome.context };
}

/** Every outcome but a rotation and its retry is refused alike; those that prove misuse kill the family first. */
async function refuse(
  environment: Authority,
  caller: Caller,
  recognised: Presented,
  refused: RefusedRotation,
): Promise<never> {
  environment.countRotation(refused.outcome);
  switch (refused.outcome) {
    case "predecessor_reused":
    case "stale_generation":
      emit(environment, caller, recognised, "refresh_token_reuse", "critical", refused.outcome);
      await kill(environment, caller, recognised, "refresh_token_reuse");
      throw invalidGrant(refused.outcome);
    case "beyond_current":
      // Unless it is a primary whose successor has been elected, and which is about to forget.
      await environment.revocations.prove();
      emit(environment, caller, recognised, "store_rollback", "critical");
      await kill(environment, caller, recognised, "store_rollback");
      throw invalidGrant(refused.outcome);
    case "dead":
      recognised.note({ outcome: "revoked" });
      throw invalidGrant("revoked");
    case "expired":
      throw invalidGrant(refused.outcome);
    case "unknown":
      await proveAbsence(environment, refused.outcome);
      throw invalidGrant(refused.outcome);
  }
}

function refusal(environment: Authority, why: string): AssayError {
  environment.countRotation("refused");
  return invalidGrant(why);
}

/** Nobody has asked for it, and it is a revocation all the same. */
async function kill(
  environment: Authority,
  caller: Caller,
  { token, origin }: RecognisedRefreshToken,
  cause: Exclude<RevocationCause, "request">,
): Promise<void> {
  const asked = { kind: "revocation", caller } as const;
  await audited(environment, asked, async (facts) => {
    facts.selector = "sid";
    facts.cause = cause;
    facts.issuer = origin.iss;
    facts.about = origin;
    facts.clientId = origin.client_id;
    const { durability } = await killFamily(environment, token.sid, cause, { cause, sub: origin.sub });
    facts.durability = durability;
  });
}

/** Everything is derived from the family's state, so that a retry yields the same tokens with the same expiry. */
async function issueSuccessor(
  environment: Authority,
  recognised: RecognisedRefreshToken,
  successor: Successor,
  { terms, place }: { terms: Terms; place: Place },
  facts: AuditFacts,
): Promise<Issued> {
  const { sid } = recognised.token;
  const { salt, format } = recognised.family.grant;
  const key = await environment.macKeys.byId(successor.macKeyId);
  if (key === undefined) throw new Error("the family's current MAC key is not in the keyring");
  const fields = { macKeyId: successor.macKeyId, sid, generation: successor.generation };
  const iat = Math.floor(successor.rotatedAt / 1_000);
  const jti = uuidV7(successor.rotatedAt, deriveForGeneration("access-token-id", fields, key, salt));
  const claims: Claims = { ...terms.claims, sid, jti, iat, exp: iat + terms.lifetime };
  Object.assign(facts, factsOf(claims, format));
  const random = (): Buffer =>
    deriveForGeneration(accessTokenPurpose(claims.aud, recognised.family), fields, key, salt);
  const now = environment.store.clock.now();
  return {
    accessToken: await makeAccessToken(environment, { format, claims, ancestors: [], random, place }),
    tokenType: tokenTypeOf(claims.cnf),
    expiresIn: secondsUntil(claims.exp, now),
    refresh: {
      token: new Secret(encodeRefreshToken(fields, key, salt)),
      expiresIn: secondsUntil(successor.idleExpiresAt / 1_000, now),
    },
    scope: claims.scope ?? "",
    issuedTokenType: ACCESS_TOKEN_TYPE,
    sid,
  };
}

/** What an opaque token grants stays as it was first put: one for fewer audiences than the family's is another token. */
function accessTokenPurpose(aud: readonly string[], { grant }: Family): string {
  return aud.length === grant.claims.aud.length ? "access-token" : `access-token ${JSON.stringify(aud)}`;
}

function emit(
  environment: Authority,
  caller: Caller,
  recognised: RecognisedRefreshToken,
  kind: SignalKind,
  severity: Severity,
  detail?: string,
): void {
  environment.signals.emit({
    kind,
    severity,
    caller: caller.name,
    ...(recognised.origin.client_id === undefined ? {} : { clientId: recognised.origin.client_id }),
    ...(detail === undefined ? {} : { detail }),
    ...fingerprintsOf(environment, recognised.origin),
  });
}
