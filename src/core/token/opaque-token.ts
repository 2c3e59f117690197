import { createHash, hkdfSync } from "node:crypto";
import { base62Length, decodeBase62, encodeBase62 } from "./base62.ts";
import { checksummedBody, withChecksum } from "./checksummed.ts";

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
  return createHash("sha256").update(token).digest();
}

/** Under which its record is sealed. Who lacks the token cannot read it; who lacks our `key` cannot make one. 32 bytes. */
export function opaqueSealingKey(token: string, key: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", token, key, "assay/v1/opaque-token", 32));
}
