import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { recogniseRefreshToken } from "./recognise-refresh-token.ts";
import type { Claims } from "./token/claims.ts";
import { findOpaqueToken } from "./token/opaque-record.ts";
import { OPAQUE_PREFIX } from "./token/opaque-token.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";
import type { VerifiedToken } from "./token/verified-token.ts";
import { verifyJwt } from "./verify-jwt.ts";

/** A token that is genuine, with how a refresh token stands in its family. */
export type Recognised = VerifiedToken & { standing: "current" | "superseded" | "dead" };

/** In characters. */
export const MAX_TOKEN_LENGTH = 16_384;

/**
 * Whose token this is, if it is genuine. Says nothing yet about whether it is alive, revoked or meant for anybody.
 * The form decides, not the caller's hint: a hint could only be wrong (RFC 7662 section 2.1).
 * @throws AssayError `store_unavailable`, `keys_unavailable`, `call_gone`
 */
export async function recognise(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  if (token.length > MAX_TOKEN_LENGTH) return "malformed";
  if (token.startsWith(REFRESH_PREFIX)) return refreshToken(environment, token);
  const verified = token.startsWith(OPAQUE_PREFIX)
    ? await findOpaqueToken(environment, token)
    : await verifyJwt(environment, token);
  return typeof verified === "string" ? verified : { ...verified, standing: "current" };
}

async function refreshToken(environment: Environment, text: string): Promise<Recognised | InactiveReason> {
  const recognised = await recogniseRefreshToken(environment, text);
  if (typeof recognised === "string") return recognised;
  const { token, origin } = recognised;
  const { record, grant } = recognised.family;
  const claims: Claims = {
    ...grant.claims,
    // It is meant for us alone.
    aud: [],
    iat: Math.floor(record.rotatedAt / 1_000),
    exp: Math.floor(record.idleExpiresAt / 1_000),
  };
  const succession = token.generation === record.generation ? "current" : "superseded";
  return { kind: "refresh", claims, origins: [origin], leeway: 0, standing: record.dead ? "dead" : succession };
}
