import type { Authority } from "../environment.ts";
import { signingKey } from "../own-key.ts";
import { signedJwt } from "../token/signed-jwt.ts";
import { EVENT_TYPES, type SecurityEvent } from "./security-event.ts";

export type Addressed = {
  /** The receiver's. */
  audience: string;
  /** Of this token, for this receiver. */
  jti: string;
  /** The same in all tokens about the event. */
  txn: string;
};

/**
 * The claims of a Security Event Token (RFC 8417 section 2.2, in the profile of OpenID SSF 1.0): one event, its subject in `sub_id`.
 * Never `sub` or `exp`, so that nobody takes it for a token that grants something (RFC 8417 section 4).
 */
export function securityEventClaims(
  issuer: string,
  event: SecurityEvent,
  { audience, jti, txn }: Addressed,
): Readonly<Record<string, unknown>> {
  const seconds = Math.floor(event.at / 1_000);
  return {
    iss: issuer,
    iat: seconds,
    jti,
    aud: audience,
    txn,
    sub_id: event.subject,
    events: { [EVENT_TYPES[event.name]]: { event_timestamp: seconds, ...event.details } },
  };
}

/**
 * Signs claims with the key that signs now, under a type of its own (RFC 8417 section 2.3, RFC 8725 section 3.11): nothing that expects an
 * access token takes it for one.
 * @throws AssayError `keys_unavailable`, `store_unavailable`
 */
export async function signSecurityEvent(
  environment: Pick<Authority, "issuer" | "keyring" | "keys" | "revocations">,
  claims: object,
): Promise<string> {
  return signedJwt(await signingKey(environment), "secevent+jwt", claims);
}
