export const SIGNAL_KINDS = [
  /** A refresh token was used again: its family is dead. */
  "refresh_token_reuse",
  /** Well formed, of a family that is known, and not made by us. */
  "refresh_token_forged",
  /** A retry of a rotation came from elsewhere than the rotation. */
  "refresh_retry_context_changed",
  /** A refresh token of a generation that the store has not reached: the store has gone back in time. */
  "store_rollback",
  /** A revoked token was presented. */
  "revoked_token_used",
  /** An expired token was presented again and again. */
  "expired_token_used",
  /** A live token came from another network, or by another user agent, than it was issued to. */
  "token_context_changed",
  /** A live token came from many networks. */
  "token_in_many_networks",
  /** A live token was used far more often than it uses to be. */
  "token_velocity",
  /** A token was tried at many audiences. */
  "audience_probing",
  /** Many malformed or forged tokens from one caller or one network. */
  "bad_token_burst",
  /** Many tokens that name keys which nobody publishes. */
  "unknown_key_burst",
  /** A DPoP proof was used again by another request. */
  "proof_replayed",
  /** A token that is bound to a key came with a good proof of another. */
  "proof_of_another_key",
] as const;

/** An observation that a token may be misused. */
export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** The graver the later. */
export const SEVERITIES = ["info", "warning", "critical"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** The graver the greater. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** What is done about it by itself. */
export type ActionTaken = "revoke_token" | "revoke_family";

/**
 * What a detector, or a decision, has found. Free of tokens and of personal data: fingerprints are keyed digests, by which the same token
 * is recognised and none can be known.
 */
export type Finding = {
  kind: SignalKind;
  severity: Severity;
  /** The caller that presented the token. */
  caller: string;
  clientId?: string;
  /** A word of ours: what kind of reuse, say. */
  detail?: string;
  /** How often within `windowMs`, or how many. */
  count?: number;
  windowMs?: number;
  tokenFingerprint?: string;
  familyFingerprint?: string;
  subjectFingerprint?: string;
  networkFingerprint?: string;
  /** Begun as it was found; the audit trail tells what came of it. */
  action?: ActionTaken;
};

/** A finding as it is told. */
export type Signal = Finding & {
  /** A UUID. */
  id: string;
  /** When it was found: milliseconds since the epoch. */
  at: number;
  /** The verifier that found it, where one has told it to an authority: by its name as a caller there. */
  reportedBy?: string;
};
