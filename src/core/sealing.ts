import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { hmacSha256 } from "./hmac.ts";

const SALT_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * AES-256-GCM. A random salt makes a key of its own for each record, so that random nonces stay safe however many records
 * one sealing key seals. `context` must be repeated to open: a record moved to another place does not open.
 */
export function seal(key: Buffer, context: string, value: unknown): Buffer {
  const random = randomBytes(SALT_LENGTH + NONCE_LENGTH);
  const [salt, nonce] = [random.subarray(0, SALT_LENGTH), random.subarray(SALT_LENGTH)];
  const cipher = createCipheriv("aes-256-gcm", recordKey(key, salt), nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(Buffer.from(context));
  const sealed = cipher.update(JSON.stringify(value), "utf8");
  cipher.final();
  return Buffer.concat([random, cipher.getAuthTag(), sealed]);
}

/** @throws Error when the record was sealed with another key or context, or has been altered */
export function unseal(key: Buffer, context: string, record: Buffer): unknown {
  const tagAt = SALT_LENGTH + NONCE_LENGTH;
  const salt = record.subarray(0, SALT_LENGTH);
  const decipher = createDecipheriv("aes-256-gcm", recordKey(key, salt), record.subarray(SALT_LENGTH, tagAt), {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(record.subarray(tagAt, tagAt + TAG_LENGTH));
  const opened = decipher.update(record.subarray(tagAt + TAG_LENGTH));
  // Adds nothing in this mode, and throws where what was opened is not what was sealed: it is looked at after that only.
  decipher.final();
  return JSON.parse(opened.toString("utf8"));
}

function recordKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hmacSha256(key, salt), "latin1");
}
