import { createHmac, timingSafeEqual } from "node:crypto";

const WINDOW_MS = 60_000;

/** The nonce of this minute: the same at every instance, for nobody else to make. `now` in milliseconds. */
export function currentNonce(key: Buffer, now: number): string {
  return nonceOf(key, windowOf(now));
}

/** Whether a nonce is this minute's or the last one's. */
export function isNonceCurrent(key: Buffer, now: number, nonce: string | undefined): boolean {
  const given = Buffer.from(nonce ?? "");
  const window = windowOf(now);
  return [window, window - 1].some((candidate) => isSame(given, Buffer.from(nonceOf(key, candidate))));
}

function windowOf(now: number): number {
  return Math.floor(now / WINDOW_MS);
}

function nonceOf(key: Buffer, window: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUIntBE(window, 2, 6);
  const mac = createHmac("sha256", key).update(bytes).digest().subarray(0, 16);
  return Buffer.concat([bytes.subarray(2), mac]).toString("base64url");
}

function isSame(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
