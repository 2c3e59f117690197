import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import type { InactiveReason as CoreReason } from "../../core/inactive-reason.ts";
import {
  type Challenge as CoreChallenge,
  type Introspection,
  introspect as decide,
  type IntrospectRequest as CoreRequest,
} from "../../core/introspect.ts";
import { Secret } from "../../core/secret.ts";
import type { Confirmation } from "../../core/token/claims.ts";
import {
  Challenge,
  InactiveReason,
  type IntrospectRequest,
  type IntrospectResponse,
} from "../../gen/assay/v1/token_service.ts";
import type { CallFacts } from "./call-facts.ts";
import { toDuration } from "./duration.ts";
import { checkProof, proofToCore } from "./presented-proof.ts";
import type { Answer } from "./rpc.ts";
import { audiences, required, scopes } from "./text-rules.ts";
import { gatherViolations } from "./violations.ts";

type ActiveIntrospection = Extract<Introspection, { active: true }>;

/** Encodes to nothing: what every inactive answer looks like. */
const INACTIVE: IntrospectResponse = { active: false, aud: [], amr: [] };

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

export async function introspect(
  environment: Environment,
  caller: Caller,
  message: IntrospectRequest,
  _bytes: Buffer,
  facts: CallFacts,
): Promise<Answer<IntrospectResponse>> {
  const introspection = await decide(environment, caller, toCore(message, facts));
  const outcome = introspection.active ? "active" : introspection.outcome;
  return { response: toMessage(introspection), outcome };
}

/** The hint is not read: what a token is can be seen from the token (RFC 7662 section 2.1). */
function toCore(message: IntrospectRequest, facts: CallFacts): CoreRequest {
  const violations = gatherViolations();
  violations.add("token", required(message.token));
  violations.add("audience", audiences(message.audience));
  violations.add("required_scopes", scopes(message.required_scopes));
  checkProof(violations, "", message);
  violations.throwIfAny();
  return {
    token: new Secret(message.token),
    audience: message.audience,
    requiredScopes: message.required_scopes,
    ...(message.at_least_as_fresh === "" ? {} : { atLeastAsFresh: message.at_least_as_fresh }),
    proof: proofToCore(message, facts),
  };
}

function toMessage(introspection: Introspection): IntrospectResponse {
  if (introspection.active) return activeMessage(introspection);
  const { challenge, dpopNonce, inactiveReason } = introspection;
  if (challenge === undefined && inactiveReason === undefined) return INACTIVE;
  return {
    ...INACTIVE,
    challenge: challenge === undefined ? undefined : CHALLENGES[challenge],
    inactive_reason: inactiveReason === undefined ? undefined : REASONS[inactiveReason],
    dpop_nonce: dpopNonce,
  };
}

function activeMessage({ kind, claims, revision, staleForMs }: ActiveIntrospection): IntrospectResponse {
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
    revision,
    stale_for: staleForMs === undefined ? undefined : toDuration(staleForMs),
  };
}

function tokenType(kind: "access" | "refresh", cnf: Confirmation | undefined): string {
  if (kind === "refresh") return "refresh_token";
  return cnf?.jkt === undefined ? "Bearer" : "DPoP";
}
