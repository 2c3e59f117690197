import { hmacSha256 } from "../hmac.ts";
import { base62Length, decodeBase62, encodeBase62 } from "./base62.ts";
import { checksummedBody, withChecksum } from "./checksummed.ts";
import { tokenDigest } from "./token-digest.ts";

export const OPAQUE_PREFIX = "asy_at_";
const OPAQUE_BYTES = 32;

/** The opaque access token that holds these random bytes. */
export function encodeOpaqueToken(bytes: Buffer): string {
  return withChecksum(OPAQUE_PREFIX + encodeBase62(bytes));
}

export function isOpaqueToken(text: string): boolean {
  const body = checksummedBody(text, OPAQUE_PREFIX, base62Length(OPAQUE_BYTES));
  return body !== undefined && decodeBase62(body, OPAQUE_BYTES) !== undefined;
}

/** By which the store knows it. 32 bytes. */
export function opaqueTokenDigest(token: string): Buffer {
  // Through text: a buffer of its own would cost three times the digest.
  return Buffer.from(tokenDigest(token), "latin1");
}

/**
 * Under which its record is sealed: HKDF-SHA-256 (RFC 5869) of the token, salted with `key`, whose one block is written out here
 * because `hkdfSync` costs three times as much. Who lacks the token cannot read it; who lacks our `key` cannot make one. 32 bytes.
 */
export function opaqueSealingKey(token: string, key: Buffer): Buffer {
  const pseudorandom = Buffer.from(hmacSha256(key, token), "latin1");
  return Buffer.from(hmacSha256(pseudorandom, "assay/v1/opaque-token\u0001"), "latin1");
}
