import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import type { Finding } from "./signals/signal.ts";
import type { VerifiedToken } from "./token/verified-token.ts";

/** The signal that a token was presented which is revoked, or comes from one that is. */
export function revokedTokenUsed(environment: Environment, caller: Caller, token: VerifiedToken): Finding {
  const { client_id: clientId } = token.claims;
  return {
    kind: "revoked_token_used",
    severity: "warning",
    caller: caller.name,
    detail: token.kind,
    ...(clientId === undefined ? {} : { clientId }),
    ...fingerprintsOf(environment, token.origins[0]),
  };
}
