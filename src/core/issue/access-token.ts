import type { Authority, TokenFormat } from "../environment.ts";
import { AssayError } from "../error.ts";
import { signingKey } from "../own-key.ts";
import { MAX_TOKEN_LENGTH } from "../recognise.ts";
import { Secret } from "../secret.ts";
import type { Claims } from "../token/claims.ts";
import { putOpaqueToken } from "../token/opaque-record.ts";
import { signatureOf } from "../token/jws-signature.ts";
import { encodeOpaqueToken } from "../token/opaque-token.ts";
import { toPayload } from "../token/payload.ts";
import type { Origin } from "../token/verified-token.ts";

export type AccessTokenContent = {
  format: TokenFormat;
  claims: Claims;
  /** What it came from: it dies with each of them. */
  ancestors: readonly Origin[];
  /** 32 bytes: what an opaque token is made of. Asked for by one alone. */
  random: () => Buffer;
};

/**
 * Makes an access token: a JWT as in RFC 9068 section 2, or an opaque token whose record is durable when this resolves.
 * @throws AssayError `invalid_request` for a JWT that nobody could introspect for its length, `store_unavailable`, `store_full`
 */
export async function makeAccessToken(environment: Authority, content: AccessTokenContent): Promise<Secret> {
  const { format, claims, ancestors, random } = content;
  const payload = { ...toPayload(claims), ...(ancestors.length === 0 ? {} : { origins: ancestors }) };
  if (format === "jwt") return signJwt(environment, payload);
  const token = encodeOpaqueToken(random());
  await putOpaqueToken(environment, token, payload, claims.exp);
  return new Secret(token);
}

async function signJwt(environment: Authority, payload: object): Promise<Secret> {
  const { alg, kid, privateKey } = await signingKey(environment);
  const signedPart = `${encoded({ alg, kid, typ: "at+jwt" })}.${encoded(payload)}`;
  const signature = await signatureOf(signedPart, alg, privateKey);
  const token = `${signedPart}.${signature.toString("base64url")}`;
  if (token.length <= MAX_TOKEN_LENGTH) return new Secret(token);
  throw new AssayError("invalid_request", "the token would be too long: ask for fewer scopes, audiences or claims");
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
