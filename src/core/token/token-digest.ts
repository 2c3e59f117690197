import { hash } from "node:crypto";

/** By what a token is known where nothing of its text is kept: 32 bytes, one in each character. Its length must have been bounded. */
export function tokenDigest(token: string): string {
  return hash("sha256", token, "latin1");
}
