import { timingSafeEqual } from "node:crypto";
import { hmacSha256 } from "../hmac.ts";
import { base62Length, decodeBase62, encodeBase62 } from "./base62.ts";
import { checksummedBody, withChecksum } from "./checksummed.ts";
import { uuidText, writeUuid } from "./uuid.ts";

/** What a refresh token says of itself: which family, which generation, and the key that vouches for it. */
export type RefreshTokenFields = {
  macKeyId: number;
  sid: string;
  generation: number;
};

export type RefreshToken = RefreshTokenFields & { mac: Buffer };

export const REFRESH_PREFIX = "asy_rt_";

const VERSION = 1;
const FIELDS_LENGTH = 1 + 4 + 16 + 4;
const MAC_LENGTH = 16;
const LENGTH = FIELDS_LENGTH + MAC_LENGTH;

/** The salt lies in the family's record only: a stolen key alone forges nothing, nor does a stolen store. */
export function encodeRefreshToken(fields: RefreshTokenFields, key: Buffer, salt: Buffer): string {
  const bytes = Buffer.alloc(LENGTH);
  writeFields(bytes, 0, fields);
  bytes.set(macOf(fields, key, salt), FIELDS_LENGTH);
  return withChecksum(REFRESH_PREFIX + encodeBase62(bytes));
}

/** Undefined for whatever is not spelled like a refresh token. The MAC is not checked: that needs the family's salt. */
export function decodeRefreshToken(text: string): RefreshToken | undefined {
  const body = checksummedBody(text, REFRESH_PREFIX, base62Length(LENGTH));
  const bytes = body === undefined ? undefined : decodeBase62(body, LENGTH);
  if (bytes === undefined || bytes.readUInt8(0) !== VERSION) return undefined;
  return {
    macKeyId: bytes.readUInt32BE(1),
    sid: uuidText(bytes.subarray(5, 21)),
    generation: bytes.readUInt32BE(21),
    mac: bytes.subarray(FIELDS_LENGTH),
  };
}

export function isMacGood(token: RefreshToken, key: Buffer, salt: Buffer): boolean {
  return timingSafeEqual(token.mac, macOf(token, key, salt));
}

/** Random-looking bytes that only the key and the family's salt can make again, so that a retried rotation repeats its answer. */
export function deriveForGeneration(purpose: string, fields: RefreshTokenFields, key: Buffer, salt: Buffer): Buffer {
  const prefix = `assay/v1/${purpose}\0`;
  const prefixLength = Buffer.byteLength(prefix);
  const message = Buffer.alloc(prefixLength + FIELDS_LENGTH + salt.length);
  message.write(prefix);
  writeFields(message, prefixLength, fields);
  message.set(salt, prefixLength + FIELDS_LENGTH);
  return Buffer.from(hmacSha256(key, message), "latin1");
}

function macOf(fields: RefreshTokenFields, key: Buffer, salt: Buffer): Buffer {
  return deriveForGeneration("refresh-token", fields, key, salt).subarray(0, MAC_LENGTH);
}

function writeFields(bytes: Buffer, offset: number, { macKeyId, sid, generation }: RefreshTokenFields): void {
  bytes.writeUInt8(VERSION, offset);
  bytes.writeUInt32BE(macKeyId, offset + 1);
  writeUuid(bytes, offset + 5, sid);
  bytes.writeUInt32BE(generation, offset + 21);
}
