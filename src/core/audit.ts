import type { ActedUpon } from "./signals/actions.ts";
import type { Durability } from "./revocation-log.ts";

/** What an audit trail tells of: each Issue by its grant, and each revocation. */
export type AuditKind = "token_issued" | "token_refreshed" | "token_exchanged" | "revocation";

/**
 * `done` as asked; `repeated`: a retry got what was done before; `nothing`: there was nothing to revoke; `refused`: nothing was done;
 * `failed`: it could not be done, or whether it was done is not known.
 */
export type AuditOutcome = "done" | "repeated" | "nothing" | "refused" | "failed";

/** By what a revocation names what is revoked, as in the contract. */
export type RevokedBy = "token" | "token_id" | "sid" | "subject" | "client_id" | "key_id" | "issuer";

/** What led to a revocation: a call of Revoke, or what was found of misuse. */
export type RevocationCause = "request" | "refresh_token_reuse" | "store_rollback" | ActedUpon;

/**
 * Who asked, for which client, and what came of it. It holds words of the configuration, words of ours and keyed fingerprints: never
 * what a caller wrote, and so not the reason that it gave for a revocation either, which may name anybody. That one lies sealed in
 * the store, for callers that may watch.
 */
export type AuditEvent = {
  kind: AuditKind;
  outcome: AuditOutcome;
  /** Why it was refused or failed, as in error_reason.proto without its prefix; `CALL_GONE` where nobody waited for it any more. */
  reason?: string;
  /** Why a token that was traded in was not good enough, which its caller is not told. */
  refusal?: string;
  /** The caller that asked. */
  caller: string;
  /** One that is configured. */
  clientId?: string;
  format?: "jwt" | "opaque";
  audiences?: readonly string[];
  scopes?: readonly string[];
  selector?: RevokedBy;
  cause?: RevocationCause;
  /** Whose tokens are revoked: our own issuer or a configured one. */
  issuer?: string;
  durability?: Durability;
  /** Of the token that was issued, or is revoked. */
  tokenFingerprint?: string;
  familyFingerprint?: string;
  subjectFingerprint?: string;
  keyFingerprint?: string;
};
