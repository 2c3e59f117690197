import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";
import type { Acknowledgement } from "./ports.ts";
import type { Secret } from "./secret.ts";

/** What to revoke. An absent `iss` is our own issuer. */
export type RevokeSelector =
  | { by: "token"; token: Secret }
  | { by: "token_id"; iss?: string; jti: string }
  | { by: "sid"; iss?: string; sid: string }
  | { by: "subject"; iss?: string; sub: string }
  | { by: "client_id"; iss?: string; clientId: string }
  | { by: "key_id"; iss?: string; kid: string }
  | { by: "issuer"; iss: string };

export type RevokeRequest = {
  selector: RevokeSelector;
  /** NumericDate, for subject and client_id. Now when absent. */
  bornAtOrBefore?: number;
  reason?: string;
};

/** @returns undefined when there was nothing to revoke (RFC 7009 section 2.2). */
export async function revoke(
  _environment: Environment,
  _caller: Caller,
  _request: RevokeRequest,
): Promise<Acknowledgement | undefined> {
  throw new Error("to be written");
}
