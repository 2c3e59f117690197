import type { AtOnce } from "../at-once.ts";
import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { AssayError } from "../error.ts";
import type { Verdict } from "../judge.ts";
import type { Confirmation } from "../token/claims.ts";
import type { DpopProof } from "./dpop.ts";
import { provePossession, verifyPresentedDpop } from "./possession.ts";
import type { PresentedProof } from "./presented-proof.ts";
import { type ProofPurpose, useProof } from "./use-proof.ts";

export type BindingRules = {
  /** What the token that is traded in is bound to: then the new one is bound too, whatever else is presented. */
  bound: Confirmation | undefined;
  /** Only the key that it is bound to will do. */
  sameKey: boolean;
  note: NoteMisuse;
};

/** Hears of a proof that shows misuse, before it is refused. */
export type NoteMisuse = (verdict: Verdict) => void;

/** What a new token is bound to, and the proof of it, which is still to be used. */
export type NewBinding = { cnf: Confirmation | undefined; dpop: DpopProof | undefined };

const UNBOUND: NewBinding = { cnf: undefined, dpop: undefined };

/**
 * What a new access token is to be bound to by what its client proves: a DPoP key rather than a certificate where it presents both.
 * At once where nothing is to be bound.
 * @throws AssayError `invalid_proof`
 */
export function newBinding(
  environment: Environment,
  presented: PresentedProof,
  rules: BindingRules,
): AtOnce<NewBinding> {
  const { dpop, clientCertificate } = presented;
  const isAnyPresented = dpop !== undefined || clientCertificate !== undefined;
  return rules.bound === undefined && !isAnyPresented ? UNBOUND : provedBinding(environment, presented, rules);
}

async function provedBinding(
  environment: Environment,
  presented: PresentedProof,
  { bound, sameKey, note }: BindingRules,
): Promise<NewBinding> {
  if (bound !== undefined && sameKey) {
    const proved = await provePossession(environment, bound, presented, undefined);
    if ("reason" in proved) {
      if (proved.proofKey !== undefined) note({ outcome: proved.reason, proofKey: proved.proofKey });
      throw invalidProof(proved.fault);
    }
    return { cnf: bound, dpop: proved.dpop };
  }
  const dpop = await verifyPresentedDpop(environment, presented, undefined);
  if (typeof dpop === "string") throw invalidProof(`the DPoP proof ${dpop}`);
  if (dpop !== undefined) return { cnf: { jkt: dpop.jkt }, dpop };
  const certificate = presented.clientCertificate ?? (bound === undefined ? undefined : presented.callerCertificate);
  if (certificate !== undefined) return { cnf: { "x5t#S256": certificate }, dpop: undefined };
  if (bound !== undefined) throw invalidProof("a DPoP proof or a client certificate is required");
  return UNBOUND;
}

/**
 * Uses the proof of a new binding up, when nothing else stands against the new token.
 * @throws AssayError `invalid_proof`, `use_dpop_nonce` (with the nonce), `store_unavailable`, `store_full`
 */
export function useBinding(
  environment: Environment,
  caller: Caller,
  { dpop }: NewBinding,
  purpose: ProofPurpose,
  note: NoteMisuse,
): AtOnce<void> {
  if (dpop !== undefined) return useUp(environment, caller, dpop, purpose, note);
}

async function useUp(
  environment: Environment,
  caller: Caller,
  dpop: DpopProof,
  purpose: ProofPurpose,
  note: NoteMisuse,
): Promise<void> {
  const used = await useProof(environment, caller, dpop, purpose);
  if (used === "used") return;
  if (used === "replayed") {
    note({ outcome: "proof_replayed" });
    throw invalidProof("the DPoP proof has been used before: a retry needs a new one");
  }
  throw new AssayError(
    "use_dpop_nonce",
    "proof.dpop: the DPoP proof lacks a current nonce: repeat with metadata.dpop_nonce",
    {
      metadata: { dpop_nonce: used.nonceRequired },
    },
  );
}

function invalidProof(fault: string): AssayError {
  return new AssayError("invalid_proof", `proof: ${fault}`);
}
