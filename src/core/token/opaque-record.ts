import { stopIfGone } from "../call.ts";
import type { Authority } from "../environment.ts";
import type { InactiveReason } from "../inactive-reason.ts";
import { seal, unseal } from "../sealing.ts";
import { isOpaqueToken, opaqueSealingKey, opaqueTokenDigest } from "./opaque-token.ts";
import { ownOrigin, readOrigins } from "./origins.ts";
import type { Payload } from "./payload.ts";
import { readClaims } from "./read-claims.ts";
import { openStandIn } from "./stand-in.ts";
import { isObject } from "./strict-json.ts";
import type { VerifiedToken } from "./verified-token.ts";

const SEAL_CONTEXT = "opaque-token";

/** Keeps what an opaque token grants, readable to who holds the token. Idempotent. `exp` in seconds. */
export function putOpaqueToken(environment: Authority, token: string, payload: Payload, exp: number): Promise<void> {
  const sealed = seal(opaqueSealingKey(token, environment.keys.opaque), SEAL_CONTEXT, payload);
  return environment.store.opaqueTokens.put(opaqueTokenDigest(token), sealed, exp * 1_000);
}

/** Where opaque tokens are known. */
type OpaqueTokenKnowledge = Pick<Authority, "accessMaxLifetime" | "issuer" | "keys" | "store"> & {
  call: Authority["call"] | undefined;
};

/** Whether it is there or not takes the same work up to the last line. @throws AssayError `store_unavailable`, `call_gone` */
export async function findOpaqueToken(
  environment: OpaqueTokenKnowledge,
  token: string,
): Promise<VerifiedToken | InactiveReason> {
  if (!isOpaqueToken(token)) return "malformed";
  stopIfGone(environment.call);
  const sealed = await environment.store.opaqueTokens.get(opaqueTokenDigest(token));
  const key = opaqueSealingKey(token, environment.keys.opaque);
  const payload = sealed === undefined ? openStandIn() : unseal(key, SEAL_CONTEXT, sealed);
  const claims = isObject(payload) ? readClaims(payload) : undefined;
  if (claims === undefined) throw new Error("an opaque token's record opens but is not of the known shape");
  const { origins: carried, ...extra } = claims.extra;
  const origin = ownOrigin(claims, undefined);
  const ancestors = readOrigins(carried);
  if (origin === undefined || ancestors === undefined) return "invalid_claims";
  const found: VerifiedToken = {
    kind: "access",
    claims: { ...claims, extra },
    origins: [origin, ...ancestors],
    leeway: 0,
  };
  if (sealed === undefined) return "unknown";
  // As for a JWT: what the configuration allowed when it was issued does not count.
  if (claims.exp - claims.iat > environment.accessMaxLifetime) return "lifetime_too_long";
  return claims.iss === environment.issuer ? found : "invalid_claims";
}
