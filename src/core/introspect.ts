import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { Secret } from "./secret.ts";
import type { Claims } from "./token/claims.ts";

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

export async function introspect(
  _environment: Environment,
  _caller: Caller,
  _request: IntrospectRequest,
): Promise<Introspection> {
  throw new Error("to be written");
}
