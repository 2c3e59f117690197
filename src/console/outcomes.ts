import type { InactiveReason } from "../core/inactive-reason.ts";

/** What outcomes of introspections are shown together, in the order in which they are stacked. */
export const OUTCOMES = ["active", "expired", "revoked", "refused", "not_genuine", "failed"] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** `refused`: genuine, and not for this caller, for this scope, or without its proof. */
export const OUTCOME_NAMES: Readonly<Record<Outcome, string>> = {
  active: "active",
  expired: "expired",
  revoked: "revoked",
  refused: "refused",
  not_genuine: "not genuine",
  failed: "unanswered",
};

const OUTCOME_OF: Readonly<Record<"active" | InactiveReason, Outcome>> = {
  active: "active",
  expired: "expired",
  not_yet_valid: "expired",
  superseded: "expired",
  revoked: "revoked",
  audience_mismatch: "refused",
  client_mismatch: "refused",
  insufficient_scope: "refused",
  proof_required: "refused",
  invalid_proof: "refused",
  proof_replayed: "refused",
  nonce_required: "refused",
  malformed: "not_genuine",
  unknown: "not_genuine",
  issuer_not_trusted: "not_genuine",
  algorithm_not_allowed: "not_genuine",
  header_not_allowed: "not_genuine",
  unknown_key: "not_genuine",
  bad_signature: "not_genuine",
  invalid_claims: "not_genuine",
  issued_in_future: "not_genuine",
  lifetime_too_long: "not_genuine",
};

const BY_NAME: ReadonlyMap<string, Outcome> = new Map(Object.entries(OUTCOME_OF));

/** What is neither active nor a reason is why there was no answer. */
export function outcomeOf(name: string): Outcome {
  return BY_NAME.get(name) ?? "failed";
}
