import { notAlive } from "./alive.ts";
import { type Caller, mayActFor, requirePermission } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { type Recognised, recognise } from "./recognise.ts";
import { isRevoked } from "./revoked.ts";
import type { Secret } from "./secret.ts";
import { type Claims, scopesOf } from "./token/claims.ts";

export type IntrospectRequest = {
  token: Secret;
  /** A subset of the caller's audiences; empty means all of them. */
  audience: readonly string[];
  requiredScopes: readonly string[];
};

export type Challenge = "insufficient_scope";

export type Introspection =
  | { active: true; kind: "access" | "refresh"; claims: Claims }
  | {
      active: false;
      /** For telemetry. Never answer with it: that is what `inactiveReason` is for. */
      outcome: InactiveReason;
      challenge?: Challenge;
      /** Present only for callers that may diagnose. */
      inactiveReason?: InactiveReason;
    };

/**
 * Whether a token is active for this caller (RFC 7662 section 2.2). Changes nothing.
 * @throws AssayError `permission_missing`, `audience_not_allowed`, `store_unavailable`, `keys_unavailable`
 */
export async function introspect(
  environment: Environment,
  caller: Caller,
  request: IntrospectRequest,
): Promise<Introspection> {
  requirePermission(caller, "introspect");
  const audience = audienceFor(caller, request.audience);
  const token = await recognise(environment, request.token.reveal());
  if (typeof token === "string") return inactive(caller, token);

  const dead = await notGood(environment, token);
  if (dead === "revoked") emitRevokedTokenUsed(environment, caller, token);
  const outcome =
    dead ?? notFor(caller, audience, token) ?? notProved(token) ?? notSufficient(token, request.requiredScopes);
  if (outcome !== undefined) return inactive(caller, outcome);
  return { active: true, kind: token.kind, claims: token.claims };
}

function audienceFor(caller: Caller, requested: readonly string[]): ReadonlySet<string> {
  const foreign = requested.find((audience) => !caller.audiences.has(audience));
  if (foreign !== undefined) {
    throw new AssayError(
      "audience_not_allowed",
      `audience: '${foreign}' is not an audience of the caller '${caller.name}': ask for its own, or add it to the caller's audiences`,
    );
  }
  return requested.length === 0 ? caller.audiences : new Set(requested);
}

async function notGood(environment: Environment, token: Recognised): Promise<InactiveReason | undefined> {
  const dead = notAlive(token.claims, token.leeway, environment.store.clock.now());
  if (dead !== undefined) return dead;
  if (token.standing === "dead" || (await isRevoked(environment, token.origins))) return "revoked";
  return token.standing === "superseded" ? "superseded" : undefined;
}

/** A refresh token is meant for whoever may issue for its client; an access token for the audiences it names. */
function notFor(caller: Caller, audience: ReadonlySet<string>, token: Recognised): InactiveReason | undefined {
  if (token.kind === "refresh") {
    const { client_id: clientId } = token.claims;
    const isTheirs = caller.permissions.has("issue") && clientId !== undefined && mayActFor(caller, clientId);
    return isTheirs ? undefined : "client_mismatch";
  }
  return token.claims.aud.some((name) => audience.has(name)) ? undefined : "audience_mismatch";
}

function notProved(token: Recognised): InactiveReason | undefined {
  return token.claims.cnf === undefined ? undefined : "proof_required";
}

function notSufficient(token: Recognised, requiredScopes: readonly string[]): InactiveReason | undefined {
  const granted = new Set(scopesOf(token.claims.scope));
  return requiredScopes.every((scope) => granted.has(scope)) ? undefined : "insufficient_scope";
}

function inactive(caller: Caller, outcome: InactiveReason): Introspection {
  return {
    active: false,
    outcome,
    ...(outcome === "insufficient_scope" ? { challenge: outcome } : {}),
    ...(caller.permissions.has("diagnose") ? { inactiveReason: outcome } : {}),
  };
}

function emitRevokedTokenUsed(environment: Environment, caller: Caller, token: Recognised): void {
  const { client_id: clientId } = token.claims;
  environment.signals.emit({
    kind: "revoked_token_used",
    severity: "warning",
    caller: caller.name,
    detail: token.kind,
    ...(clientId === undefined ? {} : { clientId }),
    ...fingerprintsOf(environment, token.origins[0]),
  });
}
