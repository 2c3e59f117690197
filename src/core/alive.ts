import type { Claims } from "./token/claims.ts";

/** Why a token is not alive at this moment (RFC 7519 sections 4.1.4 and 4.1.5). `now` in milliseconds, `leeway` in seconds. */
export function notAlive(claims: Claims, leeway: number, now: number): "expired" | "not_yet_valid" | undefined {
  if (now >= (claims.exp + leeway) * 1_000) return "expired";
  if (claims.nbf !== undefined && now < (claims.nbf - leeway) * 1_000) return "not_yet_valid";
  return undefined;
}
