import { activeAtOnce } from "./active-at-once.ts";
import { annotate } from "./annotate.ts";
import type { AtOnce } from "./at-once.ts";
import { stopIfGone } from "./call.ts";
import { allows, type Caller, type Reach, requirePermission } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { type Introspection, type IntrospectRequest, keeping } from "./introspection.ts";
import { judge } from "./judge.ts";
import { recognise } from "./recognise.ts";
import type { Recognised } from "./recognised.ts";
import { marksOf } from "./revocations/marks.ts";
import { requireTrail } from "./require-trail.ts";
import { settleFor } from "./settle-for.ts";
import { observe, observedToken, type Shown } from "./signals/observe.ts";
import type { Signal } from "./signals/signal.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";
import { standInOrigin } from "./token/stand-in.ts";
import { tokenDigest } from "./token/token-digest.ts";
import type { Origin } from "./token/verified-token.ts";
import { beyondReach } from "./within-reach.ts";

/**
 * Whether a token is active for this caller (RFC 7662 section 2.2). Changes nothing, but that a DPoP proof is used up. At once
 * where the token is remembered, bound to no key and active, and the view is fresh.
 * @throws AssayError `permission_missing`, `audience_not_allowed`, `store_unavailable`, `store_full`, `keys_unavailable`, `audit_unavailable`, `call_gone`
 */
export function introspect(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
): AtOnce<Introspection> {
  requireTrail(environment);
  const reach = requirePermission(caller, "introspect");
  if (request.withSignals === true) requirePermission(caller, "diagnose");
  const asked = reachAsked(caller, reach, request.audience);
  return activeAtOnce(environment, caller, asked, request) ?? introspectStepwise(environment, caller, request, asked);
}

async function introspectStepwise(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
  asked: Reach,
): Promise<Introspection> {
  // Before anything is known of the token: what is no revision must not tell whether it is genuine.
  if (request.atLeastAsFresh !== undefined) await environment.revocations.settle(request.atLeastAsFresh);
  const token = await recognise(environment, request.token.reveal());
  stopIfGone(environment.call);
  const shown = { caller, audiences: asked.audiences, context: request.context };
  if (typeof token === "string") return notKnown(environment, shown, request, token);

  const staleForMs = await settleFor(environment, caller, token);
  // What is said to be known is what is judged by now.
  const revision = environment.revocations.revision();
  if (request.isOneOfMany !== true) annotate(environment, token);
  const verdict = await judge(environment, caller, request, asked, token);
  const seen = observedToken(environment, request.token, token);
  const signals = observe(environment, { ...shown, ...verdict, token: seen });
  const told = whatIsTold(environment, caller, request, token, signals);
  if (verdict.outcome !== "active") {
    passUnless(environment, signals, token.origins[0]);
    return inactive(verdict.outcome, told, verdict.dpopNonce);
  }
  const answer = described(environment, request, token);
  return {
    active: true,
    answerWith: (rest) => Buffer.concat([answer, rest]),
    revision,
    ...(staleForMs === undefined ? undefined : { staleForMs }),
    ...kept(environment, caller, token),
    ...(request.withMarks === true ? { marks: token.marks } : undefined),
    ...told.signals,
  };
}

/** See `stand-in.ts`: what never was takes as long as what is known and not good. */
async function notKnown(
  environment: Environment,
  shown: Omit<Shown, "outcome">,
  request: IntrospectRequest,
  outcome: InactiveReason,
): Promise<Introspection> {
  const origin = outcome === "unknown" ? standInOrigin(environment.issuer, request.token.reveal()) : undefined;
  if (origin !== undefined) {
    const marks = marksOf(environment.keys.selector, [origin]);
    await settleFor(environment, shown.caller, { isJwt: false });
    environment.revocations.nameOneOf(marks);
    tokenDigest(request.token.reveal());
  }
  const signals = observe(environment, {
    ...shown,
    outcome,
    isRefreshToken: request.token.reveal().startsWith(REFRESH_PREFIX),
  });
  if (origin !== undefined) {
    passUnless(environment, signals, origin);
    if (environment.annotate.isWanted()) fingerprintsOf(environment, origin);
  }
  return inactive(outcome, whatIsTold(environment, shown.caller, request, outcome, signals));
}

/** Only what is active is remembered: how long the first answer takes must not tell why a token is not. */
function described(environment: Environment, { token: text }: IntrospectRequest, token: Recognised): Uint8Array {
  const answer = environment.describe(token);
  if (!token.isRemembered && token.kind === "access")
    environment.rememberedTokens.remember(text.reveal(), token, answer);
  return answer;
}

/** A token that is bound to a key is judged anew with each proof, and a refresh token after each rotation. */
function kept(environment: Environment, caller: Caller, { kind, claims, leeway }: Recognised) {
  if (kind !== "access" || claims.cnf !== undefined) return undefined;
  return keeping(caller, environment.store.clock.now(), (claims.exp + leeway) * 1_000);
}

function reachAsked(caller: Caller, reach: Reach, requested: readonly string[]): Reach {
  if (requested.length === 0) return reach;
  const foreign = requested.find((audience) => !allows(reach.audiences, audience));
  if (foreign === undefined) return { ...reach, audiences: new Set(requested) };
  throw new AssayError(
    "audience_not_allowed",
    `audience: '${foreign}' is not an audience of the caller '${caller.name}': ask for its own, or add it to the caller's audiences and to those of its permission introspect`,
  );
}

/** What only a caller that may diagnose is told. */
type Told = { isTold: boolean; signals: { signals: readonly Signal[] } | undefined };

function whatIsTold(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
  token: Recognised | InactiveReason,
  signals: readonly Signal[],
): Told {
  const isTold = mayDiagnose(environment, caller, token);
  return { isTold, signals: isTold && request.withSignals === true ? { signals } : undefined };
}

/** Where the permission is limited, of tokens alone that can be told to be within: what is not genuine says nothing. */
function mayDiagnose(environment: Environment, caller: Caller, token: Recognised | InactiveReason): boolean {
  const { diagnose } = caller.permissions;
  if (diagnose === undefined) return false;
  if (diagnose.audiences === "all" && diagnose.clients === "all") return true;
  return typeof token !== "string" && beyondReach(environment, caller, diagnose, token) === undefined;
}

function inactive(outcome: InactiveReason, { isTold, signals }: Told, dpopNonce?: string): Introspection {
  return {
    active: false,
    outcome,
    ...(outcome === "insufficient_scope" ? { challenge: outcome } : {}),
    ...(dpopNonce === undefined ? {} : { challenge: "use_dpop_nonce" as const, dpopNonce }),
    ...(isTold ? { inactiveReason: outcome } : {}),
    ...signals,
  };
}

/** The time of an answer does not tell whether there was a signal: who makes none does the work of one. */
function passUnless(environment: Environment, signals: readonly Signal[], origin: Origin): void {
  if (signals.length > 0) return;
  fingerprintsOf(environment, origin);
  environment.signals.pass();
}
