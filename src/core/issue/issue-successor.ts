import type { AuditFacts } from "../audited.ts";
import type { Authority } from "../environment.ts";
import type { Family } from "../family.ts";
import type { Successor } from "../ports.ts";
import type { RecognisedRefreshToken } from "../recognise-refresh-token.ts";
import { Secret } from "../secret.ts";
import type { Place } from "../signals/issued-from.ts";
import type { Claims } from "../token/claims.ts";
import { deriveForGeneration, encodeRefreshToken } from "../token/refresh-token.ts";
import { uuidV7 } from "../token/uuid.ts";
import { makeAccessToken } from "./access-token.ts";
import { ACCESS_TOKEN_TYPE, factsOf, type Issued, secondsUntil, tokenTypeOf } from "./issued.ts";
import type { Terms } from "./refresh-terms.ts";

/** Everything is derived from the family's state, so that a retry yields the same tokens with the same expiry. */
export async function issueSuccessor(
  environment: Authority,
  recognised: RecognisedRefreshToken,
  successor: Successor,
  { terms, place }: { terms: Terms; place: Place },
  facts: AuditFacts,
): Promise<Issued> {
  const { sid } = recognised.token;
  const { salt, format } = recognised.family.grant;
  const key = await environment.macKeys.byId(successor.macKeyId);
  if (key === undefined) throw new Error("the family's current MAC key is not in the keyring");
  const fields = { macKeyId: successor.macKeyId, sid, generation: successor.generation };
  const iat = Math.floor(successor.rotatedAt / 1_000);
  const jti = uuidV7(successor.rotatedAt, deriveForGeneration("access-token-id", fields, key, salt));
  const claims: Claims = { ...terms.claims, sid, jti, iat, exp: iat + terms.lifetime };
  Object.assign(facts, factsOf(claims, format));
  const random = (): Buffer =>
    deriveForGeneration(accessTokenPurpose(claims.aud, recognised.family), fields, key, salt);
  const now = environment.store.clock.now();
  return {
    accessToken: await makeAccessToken(environment, { format, claims, ancestors: [], random, place }),
    tokenType: tokenTypeOf(claims.cnf),
    expiresIn: secondsUntil(claims.exp, now),
    refresh: {
      token: new Secret(encodeRefreshToken(fields, key, salt)),
      expiresIn: secondsUntil(successor.idleExpiresAt / 1_000, now),
    },
    scope: claims.scope ?? "",
    issuedTokenType: ACCESS_TOKEN_TYPE,
    sid,
  };
}

/** What an opaque token grants stays as it was first put: one for fewer audiences than the family's is another token. */
function accessTokenPurpose(aud: readonly string[], { grant }: Family): string {
  return aud.length === grant.claims.aud.length ? "access-token" : `access-token ${JSON.stringify(aud)}`;
}
