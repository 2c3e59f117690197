import { type Selector, selectorDigestText, selectorsOf } from "../selector.ts";
import type { Origin } from "../token/verified-token.ts";

/**
 * Everything by which a revocation could name a token or what it came from: `count` times a digest (see `selectorDigest`) and the
 * birth of what it names, in milliseconds, as a little-endian double. One after the other in bytes, as they are kept with a token
 * that is remembered.
 */
export type Marks = { bytes: Buffer; offset: number; count: number };

export const DIGEST_LENGTH = 16;
export const MARK_LENGTH = DIGEST_LENGTH + Float64Array.BYTES_PER_ELEMENT;

/** What two origins share is judged by the earlier birth. */
export function marksOf(key: Buffer, origins: readonly Origin[]): Marks {
  const named = origins.flatMap((origin) =>
    selectorsOf(origin).map((selector) => [selectorDigestText(key, selector), origin.birth] as const),
  );
  // Most tokens came from nothing else, and no two names of one are alike.
  if (origins.length === 1) return packMarks(named);
  const earliest = new Map<string, number>();
  for (const [digest, birth] of named) earliest.set(digest, Math.min(birth, earliest.get(digest) ?? birth));
  return packMarks([...earliest]);
}

/** For what has no birth: only an absolute revocation names it. */
export function markOf(key: Buffer, selector: Selector): Marks {
  return packMarks([[selectorDigestText(key, selector), Infinity]]);
}

/** Of digests with one byte in each character, and births. */
export function packMarks(named: readonly (readonly [digest: string, birth: number])[]): Marks {
  const bytes = Buffer.allocUnsafe(named.length * MARK_LENGTH);
  for (const [place, [digest, birth]] of named.entries()) {
    bytes.write(digest, place * MARK_LENGTH, DIGEST_LENGTH, "latin1");
    bytes.writeDoubleLE(birth, place * MARK_LENGTH + DIGEST_LENGTH);
  }
  return { bytes, offset: 0, count: named.length };
}

export function copyMarks({ bytes, offset, count }: Marks): Marks {
  return { bytes: Buffer.from(bytes.subarray(offset, offset + count * MARK_LENGTH)), offset: 0, count };
}

/** For whoever judges by himself. The digests are copies. */
export function unpackMarks({ bytes, offset, count }: Marks): { digest: Buffer; birth: number }[] {
  return Array.from({ length: count }, (_, place) => {
    const from = offset + place * MARK_LENGTH;
    const digest = Buffer.from(bytes.subarray(from, from + DIGEST_LENGTH));
    return { digest, birth: bytes.readDoubleLE(from + DIGEST_LENGTH) };
  });
}
