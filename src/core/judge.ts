import { notAlive } from "./alive.ts";
import { stopIfGone } from "./call.ts";
import type { Caller, Reach } from "./caller.ts";
import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { IntrospectRequest } from "./introspection.ts";
import type { DpopProof } from "./proof/dpop.ts";
import { type NotPossessed, type Possession, provePossession } from "./proof/possession.ts";
import type { OtherKey } from "./proof/other-key.ts";
import { type ProofUsed, useProof } from "./proof/use-proof.ts";
import type { Recognised } from "./recognised.ts";
import { grantsAll } from "./token/claims.ts";
import { beyondReach } from "./within-reach.ts";

/** What a token that is genuine is for this caller and this request. */
export type Verdict = {
  outcome: "active" | InactiveReason;
  /** With `nonce_required`. */
  dpopNonce?: string;
  /** With `invalid_proof`, where the proof is of another key than the token is bound to. */
  proofKey?: OtherKey;
};

/**
 * Whether a token is alive, unrevoked, meant for the caller and proved, in this order. The view must be settled.
 * @throws AssayError `store_unavailable`, `store_full`, `call_gone`
 */
export async function judge(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
  asked: Reach,
  token: Recognised,
): Promise<Verdict> {
  const outcome = notGood(environment, token) ?? beyondReach(environment, caller, asked, token);
  if (outcome !== undefined) return { outcome };
  const proved = await proofOf(environment, token, request);
  if (proved !== undefined && "reason" in proved)
    return { outcome: proved.reason, ...(proved.proofKey === undefined ? {} : { proofKey: proved.proofKey }) };
  if (!grantsAll(token.claims.scope, request.requiredScopes)) return { outcome: "insufficient_scope" };
  stopIfGone(environment.call);
  // Last, so that nothing but an active answer uses a proof up.
  const used = proved?.dpop === undefined ? "used" : await use(environment, caller, request, proved.dpop);
  if (used === "replayed") return { outcome: "proof_replayed" };
  return used === "used" ? { outcome: "active" } : { outcome: "nonce_required", dpopNonce: used.nonceRequired };
}

/** The revocations are looked at whatever else is wrong, so that the time of an answer does not tell what is. */
function notGood(environment: Environment, token: Recognised): InactiveReason | undefined {
  const isDead = environment.revocations.nameOneOf(token.marks) || token.standing === "dead";
  const dead = notAlive(token.claims, token.leeway, environment.store.clock.now());
  if (dead !== undefined) return dead;
  if (isDead) return "revoked";
  return token.standing === "superseded" ? "superseded" : undefined;
}

/** Undefined where nothing must be proved. */
async function proofOf(
  environment: Environment,
  { kind, claims: { cnf } }: Recognised,
  { token, proof }: IntrospectRequest,
): Promise<Possession | NotPossessed | undefined> {
  if (cnf === undefined) return undefined;
  const accessToken = kind === "access" ? token.reveal() : undefined;
  return provePossession(environment, cnf, proof?.() ?? {}, accessToken);
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
