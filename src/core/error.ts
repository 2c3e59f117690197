/** The one error that the core throws on purpose. `transport` maps its code to a status; anything else is a fault of ours. */
export type ErrorCode =
  | "invalid_request"
  | "caller_unknown"
  | "permission_missing"
  | "client_not_allowed"
  | "audience_not_allowed"
  | "grant_not_allowed"
  | "scope_not_allowed"
  | "format_not_allowed"
  | "invalid_grant"
  | "store_unavailable"
  | "store_full"
  | "keys_unavailable"
  | "shutting_down"
  | "invalid_proof"
  | "use_dpop_nonce"
  | "rate_limited"
  | "watcher_too_slow"
  | "audit_unavailable"
  /** Nobody waits for the answer any more: it is never sent. */
  | "call_gone";

/** A field of the request, by its path in the contract, and how to mend it. */
export type FieldViolation = { field: string; description: string };

export type ErrorDetails = {
  fields?: readonly FieldViolation[];
  metadata?: Readonly<Record<string, string>>;
  /** When to try again; without it, as for any error of this code. */
  retryAfterMs?: number;
  /** For the log only: never travels. */
  cause?: unknown;
  /** For the audit trail only: never travels. A word of ours. */
  refusal?: string;
};

/** `message` travels to the caller: it says what, where and how to mend it, and holds no token, secret or personal datum. */
export class AssayError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldViolation[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;
  readonly refusal: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "AssayError";
    this.code = code;
    this.fields = details.fields ?? [];
    this.metadata = details.metadata ?? {};
    this.retryAfterMs = details.retryAfterMs;
    this.refusal = details.refusal;
  }
}

/**
 * The one refusal of a refresh, subject or actor token: alike whatever the cause (RFC 6749 section 5.2).
 * @param refusal the cause, for the audit trail
 */
export function invalidGrant(refusal: string): AssayError {
  return new AssayError(
    "invalid_grant",
    "the presented token is invalid, expired, revoked, was issued to another client, or does not grant what was asked for",
    { refusal },
  );
}
