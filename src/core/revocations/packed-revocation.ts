import type { HeldRevocation } from "../revocation-log.ts";

/** 32-bit words that a revocation takes: its digest, the low words of cut-off and keep-until, then the 16 bits above each of both. */
export const WORDS = 7;

const CUT_OFF = 4;
const KEEP_UNTIL = 5;
const HIGH = 6;
/** What 48 bits hold at most, in milliseconds: absolute, or kept for good. So the greater number is always the stronger. */
const FOREVER = 2 ** 48 - 1;

/** Into words that are 0. `base` is where they begin. */
export function pack(words: Uint32Array, base: number, revocation: HeldRevocation): void {
  for (let word = 0; word < 4; word++) words[base + word] = revocation.digest.readUInt32LE(word * 4);
  strengthen(words, base, revocation);
}

/** Of two revocations with one digest the stronger wins. @returns whether anything changed */
export function strengthen(words: Uint32Array, base: number, revocation: HeldRevocation): boolean {
  const cutOffBefore = cutOffAt(words, base);
  const keepUntilBefore = keepUntilAt(words, base);
  const cutOff = Math.max(cutOffBefore, strength(revocation.cutOff));
  const keepUntil = Math.max(keepUntilBefore, strength(revocation.keepUntil));
  if (cutOff === cutOffBefore && keepUntil === keepUntilBefore) return false;
  words[base + CUT_OFF] = cutOff;
  words[base + KEEP_UNTIL] = keepUntil;
  words[base + HIGH] = Math.floor(cutOff / 2 ** 32) + Math.floor(keepUntil / 2 ** 32) * 2 ** 16;
  return true;
}

export function unpack(words: Uint32Array, base: number): HeldRevocation {
  const digest = Buffer.allocUnsafe(16);
  for (let word = 0; word < 4; word++) digest.writeUInt32LE(words[base + word] ?? 0, word * 4);
  const revocation: HeldRevocation = { digest };
  const cutOff = cutOffAt(words, base);
  const keepUntil = keepUntilAt(words, base);
  if (cutOff !== FOREVER) revocation.cutOff = cutOff;
  if (keepUntil !== FOREVER) revocation.keepUntil = keepUntil;
  return revocation;
}

export function hasDigest(words: Uint32Array, base: number, digests: Buffer, offset: number): boolean {
  return (
    words[base] === digests.readUInt32LE(offset) &&
    words[base + 1] === digests.readUInt32LE(offset + 4) &&
    words[base + 2] === digests.readUInt32LE(offset + 8) &&
    words[base + 3] === digests.readUInt32LE(offset + 12)
  );
}

/** Whether it names what was born then, in milliseconds. A birth that is no number is named too. */
export function isBornInTime(words: Uint32Array, base: number, birth: number): boolean {
  const cutOff = cutOffAt(words, base);
  return cutOff === FOREVER || !(birth > cutOff);
}

export function isExpired(words: Uint32Array, base: number, now: number): boolean {
  const keepUntil = keepUntilAt(words, base);
  return keepUntil !== FOREVER && keepUntil <= now;
}

function cutOffAt(words: Uint32Array, base: number): number {
  return (words[base + CUT_OFF] ?? 0) + ((words[base + HIGH] ?? 0) & 0xffff) * 2 ** 32;
}

function keepUntilAt(words: Uint32Array, base: number): number {
  return (words[base + KEEP_UNTIL] ?? 0) + ((words[base + HIGH] ?? 0) >>> 16) * 2 ** 32;
}

/** What is not a whole number of 48 bits becomes the next stronger one that is. */
function strength(milliseconds: number | undefined): number {
  if (milliseconds === undefined || !(milliseconds < FOREVER)) return FOREVER;
  return Math.max(0, Math.ceil(milliseconds));
}
