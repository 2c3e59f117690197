import { after, type AtOnce } from "../../core/at-once.ts";
import { type Caller, requirePermission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import type { InactiveReason as CoreReason } from "../../core/inactive-reason.ts";
import { introspect as decide } from "../../core/introspect.ts";
import type {
  ActiveIntrospection,
  Challenge as CoreChallenge,
  Introspection,
  IntrospectRequest as CoreRequest,
} from "../../core/introspection.ts";
import type { Recognised } from "../../core/recognised.ts";
import { unpackMarks } from "../../core/revocations/marks.ts";
import { Secret } from "../../core/secret.ts";
import type { Confirmation } from "../../core/token/claims.ts";
import {
  Challenge,
  InactiveReason,
  type IntrospectRequest,
  IntrospectResponse,
} from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { contextOf } from "./client-context.ts";
import { toDuration } from "./duration.ts";
import { checkProof, proofToCore } from "./presented-proof.ts";
import { audiences, required, scopes } from "./text-rules.ts";
import { signalToMessage } from "./signal-message.ts";
import { gatherViolations } from "./violations.ts";

/** An encoded IntrospectResponse, with what was decided, for telemetry. */
export type Encoded = { bytes: Uint8Array; outcome: string };

/** What every inactive answer looks like. */
const EMPTY: Uint8Array = Buffer.alloc(0);

const NOTHING_SAID = IntrospectResponse.fromPartial({});

const CHALLENGES: Readonly<Record<CoreChallenge, Challenge>> = {
  insufficient_scope: Challenge.CHALLENGE_INSUFFICIENT_SCOPE,
  use_dpop_nonce: Challenge.CHALLENGE_USE_DPOP_NONCE,
};

const REASONS: Readonly<Record<CoreReason, InactiveReason>> = {
  malformed: InactiveReason.INACTIVE_REASON_MALFORMED,
  unknown: InactiveReason.INACTIVE_REASON_UNKNOWN,
  issuer_not_trusted: InactiveReason.INACTIVE_REASON_ISSUER_NOT_TRUSTED,
  algorithm_not_allowed: InactiveReason.INACTIVE_REASON_ALGORITHM_NOT_ALLOWED,
  header_not_allowed: InactiveReason.INACTIVE_REASON_HEADER_NOT_ALLOWED,
  unknown_key: InactiveReason.INACTIVE_REASON_UNKNOWN_KEY,
  bad_signature: InactiveReason.INACTIVE_REASON_BAD_SIGNATURE,
  invalid_claims: InactiveReason.INACTIVE_REASON_INVALID_CLAIMS,
  issued_in_future: InactiveReason.INACTIVE_REASON_ISSUED_IN_FUTURE,
  lifetime_too_long: InactiveReason.INACTIVE_REASON_LIFETIME_TOO_LONG,
  expired: InactiveReason.INACTIVE_REASON_EXPIRED,
  not_yet_valid: InactiveReason.INACTIVE_REASON_NOT_YET_VALID,
  revoked: InactiveReason.INACTIVE_REASON_REVOKED,
  superseded: InactiveReason.INACTIVE_REASON_SUPERSEDED,
  audience_mismatch: InactiveReason.INACTIVE_REASON_AUDIENCE_MISMATCH,
  client_mismatch: InactiveReason.INACTIVE_REASON_CLIENT_MISMATCH,
  insufficient_scope: InactiveReason.INACTIVE_REASON_INSUFFICIENT_SCOPE,
  proof_required: InactiveReason.INACTIVE_REASON_PROOF_REQUIRED,
  invalid_proof: InactiveReason.INACTIVE_REASON_INVALID_PROOF,
  proof_replayed: InactiveReason.INACTIVE_REASON_PROOF_REPLAYED,
  nonce_required: InactiveReason.INACTIVE_REASON_NONCE_REQUIRED,
};

/** What is the same in every answer about a token is made once, and remembered with it: see `describeToken`. */
export function introspect(
  environment: Environment,
  caller: Caller,
  message: IntrospectRequest,
  facts: () => CallFacts,
  isOneOfMany = false,
): AtOnce<Encoded> {
  if (message.with_marks) requirePermission(caller, "watch");
  return after(decide(environment, caller, toCore(message, facts, isOneOfMany)), toEncoded);
}

/** The part of an answer that tells what an active token says. The rest follows it: a message in pieces is the pieces one after the other. */
export function describeToken(token: Recognised): Uint8Array {
  return encoded(claimsOf(token));
}

/** The hint is not read: what a token is can be seen from the token (RFC 7662 section 2.1). */
function toCore(message: IntrospectRequest, facts: () => CallFacts, isOneOfMany: boolean): CoreRequest {
  if (!isBare(message)) check(message);
  return {
    token: new Secret(message.token),
    audience: message.audience,
    requiredScopes: message.required_scopes,
    atLeastAsFresh: message.at_least_as_fresh === "" ? undefined : message.at_least_as_fresh,
    withMarks: message.with_marks,
    withSignals: message.with_signals,
    isOneOfMany,
    ...contextOf(message),
    // Most tokens are bound to no key.
    proof: () => proofToCore(message, facts()),
  };
}

/** Nothing but a token, as most are: nothing of it can be wrong. */
function isBare({ token, audience, required_scopes: requiredScopes, proof, context }: IntrospectRequest): boolean {
  const isPlain = audience.length === 0 && requiredScopes.length === 0;
  return isPlain && token !== "" && proof === undefined && context === undefined;
}

/** @throws AssayError `invalid_request` */
function check(message: IntrospectRequest): void {
  const violations = gatherViolations();
  violations.add("token", required(message.token));
  violations.add("audience", audiences(message.audience));
  violations.add("required_scopes", scopes(message.required_scopes));
  if (message.proof !== undefined || message.context !== undefined) checkProof(violations, "", message);
  violations.throwIfAny();
}

function toEncoded(introspection: Introspection): Encoded {
  if (!introspection.active) return { bytes: inactiveBytes(introspection), outcome: introspection.outcome };
  return { bytes: introspection.answerWith(momentBytes(introspection)), outcome: "active" };
}

function inactiveBytes({
  challenge,
  dpopNonce,
  inactiveReason,
  signals,
}: Exclude<Introspection, ActiveIntrospection>): Uint8Array {
  if (challenge === undefined && inactiveReason === undefined && signals === undefined) return EMPTY;
  return encoded({
    challenge: challenge === undefined ? undefined : CHALLENGES[challenge],
    inactive_reason: inactiveReason === undefined ? undefined : REASONS[inactiveReason],
    dpop_nonce: dpopNonce,
    signals: (signals ?? []).map(signalToMessage),
  });
}

/** What of an active answer is of this moment. */
function momentBytes(moment: ActiveIntrospection): Uint8Array {
  const { revision, staleForMs, cacheableForMs, marks, signals } = moment;
  const isPlain = staleForMs === undefined && cacheableForMs === undefined;
  if (isPlain && marks === undefined && signals === undefined) return revisionBytes(revision);
  return encoded({
    revision,
    stale_for: staleForMs === undefined ? undefined : toDuration(staleForMs),
    cacheable_for: cacheableForMs === undefined ? undefined : toDuration(cacheableForMs),
    marks: marks === undefined ? [] : unpackMarks(marks).map(({ digest, birth }) => ({ digest, born_at_ms: birth })),
    signals: (signals ?? []).map(signalToMessage),
  });
}

/** Most answers follow upon one another without a revocation between them. */
let last = { revision: "", bytes: EMPTY };

function revisionBytes(revision: string): Uint8Array {
  if (last.revision !== revision) last = { revision, bytes: encoded({ revision }) };
  return last.bytes;
}

function encoded(piece: Partial<IntrospectResponse>): Uint8Array {
  return IntrospectResponse.encode({ ...NOTHING_SAID, ...piece }).finish();
}

function claimsOf({ kind, claims }: Recognised): Partial<IntrospectResponse> {
  return {
    active: true,
    scope: claims.scope,
    client_id: claims.client_id,
    username: claims.username,
    token_type: tokenType(kind, claims.cnf),
    exp: claims.exp,
    iat: claims.iat,
    nbf: claims.nbf,
    sub: claims.sub,
    aud: kind === "access" ? [...claims.aud] : [],
    iss: claims.iss,
    jti: claims.jti,
    sid: claims.sid,
    cnf: claims.cnf === undefined ? undefined : { jkt: claims.cnf.jkt, x5t_s256: claims.cnf["x5t#S256"] },
    act: claims.act,
    auth_time: claims.auth_time,
    acr: claims.acr,
    amr: [...(claims.amr ?? [])],
    claims: Object.keys(claims.extra).length === 0 ? undefined : claims.extra,
  };
}

function tokenType(kind: "access" | "refresh", cnf: Confirmation | undefined): string {
  if (kind === "refresh") return "refresh_token";
  return cnf?.jkt === undefined ? "Bearer" : "DPoP";
}
