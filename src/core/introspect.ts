import { activeAtOnce } from "./active-at-once.ts";
import { notAlive } from "./alive.ts";
import type { AtOnce } from "./at-once.ts";
import { stopIfGone } from "./call.ts";
import { allows, type Caller, type Reach, requirePermission } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { type Introspection, type IntrospectRequest, keeping } from "./introspection.ts";
import type { DpopProof } from "./proof/dpop.ts";
import { provePossession } from "./proof/possession.ts";
import { type ProofUsed, useProof } from "./proof/use-proof.ts";
import { recognise } from "./recognise.ts";
import type { Recognised } from "./recognised.ts";
import { marksOf } from "./revocations/marks.ts";
import { requireTrail } from "./require-trail.ts";
import { revokedTokenUsed } from "./revoked-token-used.ts";
import type { Secret } from "./secret.ts";
import { settleFor } from "./settle-for.ts";
import { grantsAll } from "./token/claims.ts";
import { standInOrigin } from "./token/stand-in.ts";
import { beyondReach } from "./within-reach.ts";

/**
 * Whether a token is active for this caller (RFC 7662 section 2.2). Changes nothing, but that a DPoP proof is used up. At once
 * where the token is remembered, bound to no key and active, and the view is fresh.
 * @throws AssayError `permission_missing`, `audience_not_allowed`, `store_unavailable`, `store_full`, `keys_unavailable`, `audit_unavailable`, `call_gone`
 */
export function introspect(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
): AtOnce<Introspection> {
  requireTrail(environment);
  const reach = requirePermission(caller, "introspect");
  const asked = reachAsked(caller, reach, request.audience);
  return activeAtOnce(environment, caller, asked, request) ?? introspectStepwise(environment, caller, request, asked);
}

async function introspectStepwise(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
  asked: Reach,
): Promise<Introspection> {
  // Before anything is known of the token: what is no revision must not tell whether it is genuine.
  if (request.atLeastAsFresh !== undefined) await environment.revocations.settle(request.atLeastAsFresh);
  const token = await recognise(environment, request.token.reveal());
  stopIfGone(environment.call);
  if (token === "unknown") await workAsForKnown(environment, caller, request.token);
  if (typeof token === "string") return inactive(mayDiagnose(environment, caller, token), token);

  const staleForMs = await settleFor(environment, caller, token);
  // What is said to be known is what is judged by now.
  const revision = environment.revocations.revision();
  const outcome = notGood(environment, token) ?? beyondReach(environment, caller, asked, token);
  const isTold = mayDiagnose(environment, caller, token);
  if (outcome !== undefined) {
    notice(environment, caller, token, outcome);
    return inactive(isTold, outcome);
  }
  const proved = await proofOf(environment, token, request);
  if (typeof proved === "string") return inactive(isTold, proved);
  if (!grantsAll(token.claims.scope, request.requiredScopes)) return inactive(isTold, "insufficient_scope");
  stopIfGone(environment.call);
  // Last, so that nothing but an active answer uses a proof up.
  const used = proved === undefined ? "used" : await use(environment, caller, request, proved);
  if (used === "replayed") return inactive(isTold, "proof_replayed");
  if (used !== "used") return inactive(isTold, "nonce_required", used.nonceRequired);
  const answer = described(environment, request, token);
  return {
    active: true,
    answerWith: (rest) => Buffer.concat([answer, rest]),
    revision,
    ...(staleForMs === undefined ? undefined : { staleForMs }),
    ...kept(environment, caller, token),
    ...(request.withMarks === true ? { marks: token.marks } : undefined),
  };
}

/** Only what is active is remembered: how long the first answer takes must not tell why a token is not. */
function described(environment: Environment, { token: text }: IntrospectRequest, token: Recognised): Uint8Array {
  const answer = environment.describe(token);
  if (!token.isRemembered && token.kind === "access")
    environment.rememberedTokens.remember(text.reveal(), token, answer);
  return answer;
}

/** A token that is bound to a key is judged anew with each proof, and a refresh token after each rotation. */
function kept(environment: Environment, caller: Caller, { kind, claims, leeway }: Recognised) {
  if (kind !== "access" || claims.cnf !== undefined) return undefined;
  return keeping(caller, environment.store.clock.now(), (claims.exp + leeway) * 1_000);
}

function reachAsked(caller: Caller, reach: Reach, requested: readonly string[]): Reach {
  if (requested.length === 0) return reach;
  const foreign = requested.find((audience) => !allows(reach.audiences, audience));
  if (foreign === undefined) return { ...reach, audiences: new Set(requested) };
  throw new AssayError(
    "audience_not_allowed",
    `audience: '${foreign}' is not an audience of the caller '${caller.name}': ask for its own, or add it to the caller's audiences and to those of its permission introspect`,
  );
}

/** Where the permission is limited, of tokens alone that can be told to be within: what is not genuine says nothing. */
function mayDiagnose(environment: Environment, caller: Caller, token: Recognised | InactiveReason): boolean {
  const { diagnose } = caller.permissions;
  if (diagnose === undefined) return false;
  if (diagnose.audiences === "all" && diagnose.clients === "all") return true;
  return typeof token !== "string" && beyondReach(environment, caller, diagnose, token) === undefined;
}

/** The revocations are looked at whatever else is wrong, so that the time of an answer does not tell what is. */
function notGood(environment: Environment, token: Recognised): InactiveReason | undefined {
  const isDead = environment.revocations.nameOneOf(token.marks) || token.standing === "dead";
  const dead = notAlive(token.claims, token.leeway, environment.store.clock.now());
  if (dead !== undefined) return dead;
  if (isDead) return "revoked";
  return token.standing === "superseded" ? "superseded" : undefined;
}

/** The DPoP proof that is to be used up, undefined where none is needed, or why possession is not proved. */
async function proofOf(
  environment: Environment,
  { kind, claims: { cnf } }: Recognised,
  { token, proof }: IntrospectRequest,
): Promise<DpopProof | undefined | InactiveReason> {
  if (cnf === undefined) return undefined;
  const accessToken = kind === "access" ? token.reveal() : undefined;
  const proved = await provePossession(environment, cnf, proof?.() ?? {}, accessToken);
  return "reason" in proved ? proved.reason : proved.dpop;
}

function use(
  environment: Environment,
  caller: Caller,
  { token, proof }: IntrospectRequest,
  dpop: DpopProof,
): Promise<ProofUsed> {
  const purpose = { operation: "introspect", token: token.reveal(), requestId: proof?.().requestId } as const;
  return useProof(environment, caller, dpop, purpose);
}

function inactive(isTold: boolean, outcome: InactiveReason, dpopNonce?: string): Introspection {
  return {
    active: false,
    outcome,
    ...(outcome === "insufficient_scope" ? { challenge: outcome } : {}),
    ...(dpopNonce === undefined ? {} : { challenge: "use_dpop_nonce" as const, dpopNonce }),
    ...(isTold ? { inactiveReason: outcome } : {}),
  };
}

/** What is revoked and used all the same is worth a signal. The work is the same for everything that is not good. */
function notice(environment: Environment, caller: Caller, token: Recognised, outcome: InactiveReason): void {
  const signal = revokedTokenUsed(environment, caller, token);
  if (outcome === "revoked") environment.signals.emit(signal);
  else environment.signals.pass();
}

/** See `stand-in.ts`: what follows for a token that is known and not good. */
async function workAsForKnown(environment: Environment, caller: Caller, token: Secret): Promise<void> {
  const origin = standInOrigin(environment.issuer, token.reveal());
  const marks = marksOf(environment.keys.selector, [origin]);
  await settleFor(environment, caller, { isJwt: false });
  environment.revocations.nameOneOf(marks);
  fingerprintsOf(environment, origin);
  environment.signals.pass();
}
