import { randomInt } from "node:crypto";

/**
 * Digests are uniform, but who knows their key could search for many that lie together, and make look-ups slow everywhere.
 * Multipliers that are secret, and new in each process, leave nothing to search for.
 */
const [M0, M1, M2, M3] = [oddNumber(), oddNumber(), oddNumber(), oddNumber()];

/** 32 bits, signed, of the 16 bytes at `offset`. */
export function hashOf(digests: Buffer, offset: number): number {
  return hashOfWords(
    digests.readInt32LE(offset),
    digests.readInt32LE(offset + 4),
    digests.readInt32LE(offset + 8),
    digests.readInt32LE(offset + 12),
  );
}

/** The same, of a digest as four words. */
export function hashOfWords(first: number, second: number, third: number, fourth: number): number {
  let hash = Math.imul(first, M0);
  hash = Math.imul((hash ^ (hash >>> 15)) + second, M1);
  hash = Math.imul((hash ^ (hash >>> 15)) + third, M2);
  hash = Math.imul((hash ^ (hash >>> 15)) + fourth, M3);
  return hash ^ (hash >>> 15);
}

function oddNumber(): number {
  return randomInt(2 ** 31) * 2 + 1;
}
