/** Files of 32 random bytes, as base64url text on one line: the master key and the MAC keys. */
import { randomBytes } from "node:crypto";
import { StartError } from "../core/start-error.ts";
import { readSecretFile } from "./secret-file.ts";

const LENGTH = 32;
const FORM = /^[A-Za-z0-9_-]{43}\n?$/;

export type RawKey = { key: Buffer; created: number };

export function makeRawKey(): { key: Buffer; text: string } {
  const key = randomBytes(LENGTH);
  return { key, text: `${key.toString("base64url")}\n` };
}

/** @throws StartError, never with the contents */
export async function readRawKey(path: string): Promise<RawKey> {
  const { text, modifiedAt } = await readSecretFile(path);
  if (FORM.test(text)) return { key: Buffer.from(text, "base64url"), created: modifiedAt };
  throw new StartError(
    `The key file ${path} does not hold ${LENGTH} bytes as base64url text on one line. Restore it from a backup.`,
  );
}
