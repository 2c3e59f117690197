import { hash } from "node:crypto";

const BLOCK_LENGTH = 64;
const DIGEST_LENGTH = 32;
const ROOM = 1_024;
/** Of a character in UTF-8, for each of its places in a string. */
const MOST_BYTES = 3;

const [INNER_PAD, OUTER_PAD] = [Buffer.alloc(BLOCK_LENGTH, 0x36), Buffer.alloc(BLOCK_LENGTH, 0x5c)];
/** Written anew by each call: a call is done before the next begins. */
const inner = Buffer.alloc(BLOCK_LENGTH + ROOM);
const outer = Buffer.alloc(BLOCK_LENGTH + DIGEST_LENGTH);

/**
 * HMAC-SHA-256 (RFC 2104) of bytes, or of the UTF-8 of a text, under a key of at most 64 bytes. Node's own `createHmac` makes a
 * stream for each message, which costs more than what it computes (ADR 0011).
 * @returns 32 bytes, one in each character
 */
export function hmacSha256(key: Buffer, message: Buffer | string): string {
  if (key.length > BLOCK_LENGTH) throw new Error("the key is longer than a block");
  inner.set(INNER_PAD);
  outer.set(OUTER_PAD);
  // By its index: an iterator makes an array for each byte, which is most of what a token's first sight would leave behind.
  for (let index = 0; index < key.length; index++) {
    const byte = key[index] ?? 0;
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  outer.write(hash("sha256", padded(message), "latin1"), BLOCK_LENGTH, "latin1");
  return hash("sha256", outer, "latin1");
}

function padded(message: Buffer | string): Buffer {
  if (typeof message === "string" && message.length <= ROOM / MOST_BYTES)
    return inner.subarray(0, BLOCK_LENGTH + inner.write(message, BLOCK_LENGTH));
  return Buffer.concat([inner.subarray(0, BLOCK_LENGTH), Buffer.from(message)]);
}
