import { createHmac } from "node:crypto";

/** The 32-bit id by which refresh tokens name their MAC key. It follows from the key, so a renamed file is noticed. */
export function macKeyId(key: Buffer): number {
  return createHmac("sha256", key).update("assay/v1/mac-key-id").digest().readUInt32BE(0);
}

export function macKeyIdText(id: number): string {
  return id.toString(16).padStart(8, "0");
}

export function macKeyFileName(id: number): string {
  return `mac-${macKeyIdText(id)}.key`;
}
