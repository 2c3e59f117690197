import type { HeldRevocation } from "../revocation-log.ts";
import { hashOf } from "./digest-hash.ts";
import { unpack, WORDS } from "./packed-revocation.ts";
import { type RevocationSegment, revocationSegment } from "./revocation-segment.ts";
import { sparePages } from "./slot-pages.ts";

/** Live revocations by digest, in about 42 bytes each where there are many. */
export type RevocationTable = {
  readonly size: number;
  /** How often a revocation has come or become stronger. */
  readonly changes: number;
  /** Of the memory that the table holds. */
  readonly bytes: number;
  /** Of two revocations with one digest the stronger wins. @returns whether anything changed */
  put(revocation: HeldRevocation): boolean;
  /** So many are about to come, as far as is known: that saves time, and nothing else. */
  reserve(count: number): void;
  /** Whether a held revocation with the 16 bytes at `offset` names what was born at `birth` (milliseconds): absolute, or birth <= cut-off. */
  names(digests: Buffer, offset: number, birth: number): boolean;
  /** Drops what is kept until `now` or less from the next of the `PARTS` of the table. @returns how many went */
  sweep(now: number): number;
  /** While others put and sweep between two steps: each entry that was there at the beginning and is not swept, at least once. */
  entries(): Generator<HeldRevocation>;
};

/** A power of two. Each part grows and is swept by itself, which takes as long as it has entries: 8,000 of a million. */
export const PARTS = 128;
const PART_SHIFT = 32 - Math.log2(PARTS);

export function revocationTable(): RevocationTable {
  const spare = sparePages();
  const segments = Array.from({ length: PARTS }, () => revocationSegment(spare));
  let size = 0;
  let changes = 0;
  let nextSwept = 0;

  return {
    get size() {
      return size;
    },
    get changes() {
      return changes;
    },
    get bytes() {
      return spare.bytes;
    },
    put: (revocation) => {
      const hash = hashOf(revocation.digest, 0);
      const segment = segmentAt(segments, hash >>> PART_SHIFT);
      const before = segment.count;
      const isChanged = segment.put(hash, revocation);
      size += segment.count - before;
      if (isChanged) changes += 1;
      return isChanged;
    },
    reserve: (count) => {
      // Hashes spread them evenly, but for the root of their number.
      const each = (size + count) / PARTS;
      for (const segment of segments) segment.reserve(Math.ceil(each + 2 * Math.sqrt(each)));
    },
    names: (digests, offset, birth) => {
      const hash = hashOf(digests, offset);
      return segmentAt(segments, hash >>> PART_SHIFT).names(hash, digests, offset, birth);
    },
    sweep: (now) => {
      const went = segmentAt(segments, nextSwept).sweep(now);
      nextSwept = (nextSwept + 1) % PARTS;
      size -= went;
      return went;
    },
    *entries() {
      for (const segment of segments) {
        const packed = segment.packed();
        for (let base = 0; base < packed.length; base += WORDS) yield unpack(packed, base);
      }
    },
  };
}

function segmentAt(segments: readonly RevocationSegment[], part: number): RevocationSegment {
  const segment = segments[part];
  if (segment === undefined) throw new Error("the table has no such part");
  return segment;
}
