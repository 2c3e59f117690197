import type { Authority, RecogniseOwn } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { recogniseRefreshToken, type RefreshTokenKnowledge } from "./recognise-refresh-token.ts";
import type { Claims } from "./token/claims.ts";
import { findOpaqueToken } from "./token/opaque-record.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";
import type { OwnToken } from "./token/verified-token.ts";

/** An authority's way: opaque tokens by their records, refresh tokens by their families. */
export function recogniseFrom(parts: Pick<Authority, "store" | "keys" | "macKeys">): RecogniseOwn {
  return async ({ call, issuer, accessMaxLifetime }, token) => {
    const authority = { call, issuer, accessMaxLifetime, ...parts };
    if (token.startsWith(REFRESH_PREFIX)) return refreshToken(authority, token);
    const found = await findOpaqueToken(authority, token);
    return typeof found === "string" ? found : { ...found, standing: "current" };
  };
}

async function refreshToken(authority: RefreshTokenKnowledge, text: string): Promise<OwnToken | InactiveReason> {
  const recognised = await recogniseRefreshToken(authority, text);
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
