import { base62Length, encodeBase62 } from "./base62.ts";
import { crc32 } from "./crc32.ts";

const CHECKSUM_LENGTH = base62Length(4);

/** `text` and a base62 CRC-32 of it: lets garbage die without a look-up, and secret scanners find leaks. */
export function withChecksum(text: string): string {
  return text + checksum(text);
}

/** The body between prefix and checksum, or undefined where the text is not of that form. */
export function checksummedBody(text: string, prefix: string, bodyLength: number): string | undefined {
  if (text.length !== prefix.length + bodyLength + CHECKSUM_LENGTH || !text.startsWith(prefix)) return undefined;
  const checked = text.slice(0, -CHECKSUM_LENGTH);
  if (text.slice(-CHECKSUM_LENGTH) !== checksum(checked)) return undefined;
  return checked.slice(prefix.length);
}

function checksum(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return encodeBase62(bytes);
}
