import { after, type AtOnce } from "../at-once.ts";
import type { Authority, TokenFormat } from "../environment.ts";
import { AssayError } from "../error.ts";
import { signingKey } from "../own-key.ts";
import { MAX_TOKEN_LENGTH } from "../recognise.ts";
import { Secret } from "../secret.ts";
import type { SigningKey } from "../ports.ts";
import { issuedFrom, type Place } from "../signals/issued-from.ts";
import type { Claims } from "../token/claims.ts";
import { putOpaqueToken } from "../token/opaque-record.ts";
import { encodeOpaqueToken } from "../token/opaque-token.ts";
import { toPayload } from "../token/payload.ts";
import { signedJwt } from "../token/signed-jwt.ts";
import type { Origin } from "../token/verified-token.ts";

export type AccessTokenContent = {
  format: TokenFormat;
  claims: Claims;
  /** What it came from: it dies with each of them. */
  ancestors: readonly Origin[];
  /** 32 bytes: what an opaque token is made of. Asked for by one alone. */
  random: () => Buffer;
  /** Whence the client asked for it, where that is known. */
  place?: Place | undefined;
};

/**
 * Makes an access token: a JWT as in RFC 9068 section 2, or an opaque token whose record is durable when this resolves.
 * @throws AssayError `invalid_request` for a JWT that nobody could introspect for its length, `store_unavailable`, `store_full`
 */
export function makeAccessToken(environment: Authority, content: AccessTokenContent): AtOnce<Secret> {
  const { format, claims, ancestors, random } = content;
  const plain = toPayload(withPlace(environment, content));
  const payload = ancestors.length === 0 ? plain : { ...plain, origins: ancestors };
  if (format === "jwt") return after(signingKey(environment), (key) => signJwt(key, payload));
  const token = encodeOpaqueToken(random());
  return putOpaqueToken(environment, token, payload, claims.exp).then(() => new Secret(token));
}

/** Salted with its `jti`: two tokens of one client do not tell that they are. */
function withPlace({ keys }: Authority, { claims, place }: AccessTokenContent): Claims {
  if (place === undefined || claims.jti === undefined) return claims;
  return { ...claims, assay_from: issuedFrom(keys.selector, claims.jti, place) };
}

function signJwt(key: SigningKey, payload: object): AtOnce<Secret> {
  return after(signedJwt(key, "at+jwt", payload), (token) => {
    if (token.length <= MAX_TOKEN_LENGTH) return new Secret(token);
    throw new AssayError("invalid_request", "the token would be too long: ask for fewer scopes, audiences or claims");
  });
}
