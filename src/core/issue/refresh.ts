import { type AuditFacts, audited } from "../audited.ts";
import { stopIfGone } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import type { Authority, ClientPolicy } from "../environment.ts";
import { type AssayError, invalidGrant } from "../error.ts";
import { tellNarrowed } from "../events/token-claims-change.ts";
import { keyedDigest } from "../derived-keys.ts";
import type { RotationOutcome, Successor } from "../ports.ts";
import { macKey } from "../own-key.ts";
import { newBinding, type NoteMisuse, useBinding } from "../proof/new-binding.ts";
import type { PresentedProof } from "../proof/presented-proof.ts";
import { proveAbsence } from "../prove-absence.ts";
import { type RecognisedRefreshToken, recogniseRefreshToken } from "../recognise-refresh-token.ts";
import { requireTrail } from "../require-trail.ts";
import { isRevoked } from "../revoked.ts";
import type { Secret } from "../secret.ts";
import { observe, observedToken } from "../signals/observe.ts";
import { scopesOf } from "../token/claims.ts";
import { issueSuccessor } from "./issue-successor.ts";
import type { Issued } from "./issued.ts";
import { policyFor } from "./policy.ts";
import { type Terms, termsOf } from "./refresh-terms.ts";
import { emitOf, type Presented, refuseRotation } from "./refuse-rotation.ts";
import { refusedForGood } from "./refused-for-good.ts";
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
  if (refused !== undefined) return refuseRotation(environment, caller, recognised, refused);

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
    return refuseRotation(environment, caller, recognised, outcome);
  environment.countRotation(outcome.outcome);
  const { successor } = outcome;
  if (outcome.outcome === "rotated") return { successor, context: from };
  if (!outcome.context.equals(from)) emitOf(environment, caller, recognised, "refresh_retry_context_changed", "info");
  return { successor, context: outcome.context };
}

function refusal(environment: Authority, why: string): AssayError {
  environment.countRotation("refused");
  return invalidGrant(why);
}
