import { stopIfGone } from "./call.ts";
import type { Authority } from "./environment.ts";
import { type Family, readFamily } from "./family.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { decodeRefreshToken, isMacGood, type RefreshToken } from "./token/refresh-token.ts";
import { birthOf } from "./token/uuid.ts";
import type { Origin } from "./token/verified-token.ts";

/** A refresh token that we made, of whichever generation. */
export type RecognisedRefreshToken = {
  token: RefreshToken;
  family: Family;
  origin: Origin;
};

/** Where refresh tokens are known. */
export type RefreshTokenKnowledge = Pick<Authority, "issuer" | "keys" | "macKeys" | "store"> & {
  call?: Authority["call"] | undefined;
};

/** Changes nothing. @throws AssayError `store_unavailable`, `keys_unavailable`, `call_gone` */
export async function recogniseRefreshToken(
  environment: RefreshTokenKnowledge,
  text: string,
): Promise<RecognisedRefreshToken | InactiveReason> {
  const token = decodeRefreshToken(text);
  const birth = token === undefined ? undefined : birthOf(token.sid);
  if (token === undefined || birth === undefined) return "malformed";
  const key = await environment.macKeys.byId(token.macKeyId);
  if (key === undefined) return "unknown_key";
  stopIfGone(environment.call);
  const family = await readFamily(environment, token.sid);
  if (family === undefined) return "unknown";
  if (!isMacGood(token, key, family.grant.salt)) return "bad_signature";
  // The family remembers the key of its current token: another key of ours, stolen and revoked, must not do instead.
  if (token.generation === family.record.generation && token.macKeyId !== family.record.macKeyId)
    return "bad_signature";

  const { iss, sub, client_id } = family.grant.claims;
  if (iss !== environment.issuer) return "issuer_not_trusted";
  // The key of the family's current token: when it is revoked the family is dead, whichever token is presented.
  return {
    token,
    family,
    origin: { iss, birth, sid: token.sid, sub, client_id, kid: macKeyName(family.record.macKeyId) },
  };
}

/** How `key_id` names a MAC key. */
export function macKeyName(id: number): string {
  return `mac-${id.toString(16).padStart(8, "0")}`;
}
