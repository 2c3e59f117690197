/** Observations that a token may be misused. */
export type SignalKind =
  /** A refresh token was used again: its family is dead. */
  | "refresh_token_reuse"
  /** A retry of a rotation came from elsewhere than the rotation. */
  | "refresh_retry_context_changed"
  /** A refresh token of a generation that the store has not reached: the store has gone back in time. */
  | "store_rollback"
  /** A revoked token was presented. */
  | "revoked_token_used";

export type Severity = "info" | "warning" | "critical";

/** Fingerprints are keyed digests: the same token is recognised, and none can be known. */
export type Signal = {
  kind: SignalKind;
  severity: Severity;
  /** The caller that presented the token. */
  caller: string;
  clientId?: string;
  /** What kind of reuse, say. */
  detail?: string;
  tokenFingerprint?: string;
  familyFingerprint?: string;
  subjectFingerprint?: string;
};
