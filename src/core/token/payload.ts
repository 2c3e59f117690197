import type { Claims } from "./claims.ts";

/** Claims as a token's JSON says them. */
export type Payload = Readonly<Record<string, unknown>>;

/** What `readClaims` reads back. A single audience is a plain string, an absent claim is left out. */
export function toPayload(claims: Claims): Payload {
  const { extra, aud, ...registered } = claims;
  return { ...extra, ...registered, aud: aud.length === 1 ? aud[0] : aud };
}
