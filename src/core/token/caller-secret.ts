import { randomBytes } from "node:crypto";
import { base62Length, decodeBase62, encodeBase62 } from "./base62.ts";
import { checksummedBody, withChecksum } from "./checksummed.ts";

const PREFIX = "asy_cs_";
const BYTES = 32;

/** The secret of a caller. Only secrets of this form are accepted, so that none can be guessed and a plain SHA-256 may stand for it. */
export function makeCallerSecret(): string {
  return withChecksum(PREFIX + encodeBase62(randomBytes(BYTES)));
}

export function isCallerSecret(text: string): boolean {
  const body = checksummedBody(text, PREFIX, base62Length(BYTES));
  return body !== undefined && decodeBase62(body, BYTES) !== undefined;
}
