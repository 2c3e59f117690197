import { Challenge, InactiveReason, type IntrospectResponse } from "./gen/assay/v1/token_service.ts";
import type { Duration } from "./gen/google/protobuf/duration.ts";
import type { ActiveIntrospection, InactiveIntrospection, Introspection } from "./introspection.ts";

/** Most answers that are not active are this one. */
export const INACTIVE: InactiveIntrospection = Object.freeze({
  active: false,
  challenge: undefined,
  dpopNonce: undefined,
  inactiveReason: undefined,
});

const CHALLENGES: ReadonlyMap<number, NonNullable<InactiveIntrospection["challenge"]>> = new Map([
  [Challenge.CHALLENGE_INSUFFICIENT_SCOPE, "insufficient_scope"],
  [Challenge.CHALLENGE_USE_DPOP_NONCE, "use_dpop_nonce"],
]);

const REASONS: ReadonlyMap<number, string> = new Map(
  Object.entries(InactiveReason).map(([name, value]) => [value, name.replace("INACTIVE_REASON_", "").toLowerCase()]),
);

export function readIntrospection(message: IntrospectResponse): Introspection {
  return message.active ? active(message) : inactive(message);
}

export function millisecondsOf({ seconds, nanos }: Duration): number {
  return seconds * 1_000 + nanos / 1e6;
}

/** One shape, so that what reads it stays fast. */
function active(message: IntrospectResponse): ActiveIntrospection {
  const { cnf, stale_for: staleFor } = message;
  return {
    active: true,
    scope: message.scope,
    client_id: message.client_id,
    username: message.username,
    token_type: message.token_type,
    exp: message.exp,
    iat: message.iat,
    nbf: message.nbf,
    sub: message.sub,
    aud: message.aud,
    iss: message.iss,
    jti: message.jti,
    sid: message.sid,
    cnf: cnf === undefined ? undefined : { jkt: cnf.jkt, "x5t#S256": cnf.x5t_s256 },
    act: message.act,
    auth_time: message.auth_time,
    acr: message.acr,
    amr: message.amr,
    claims: message.claims ?? {},
    revision: message.revision,
    staleForMs: staleFor === undefined ? undefined : millisecondsOf(staleFor),
  };
}

function inactive({ challenge, dpop_nonce: dpopNonce, inactive_reason: reason }: IntrospectResponse): Introspection {
  if (challenge === undefined && reason === undefined) return INACTIVE;
  return {
    active: false,
    challenge: challenge === undefined ? undefined : CHALLENGES.get(challenge),
    dpopNonce,
    inactiveReason: reason === undefined ? undefined : REASONS.get(reason),
  };
}
