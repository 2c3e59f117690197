import type { HeldRevocation } from "../revocation-log.ts";
import { hashOfWords } from "./digest-hash.ts";
import { hasDigest, isBornInTime, isExpired, pack, strengthen, WORDS } from "./packed-revocation.ts";
import { PAGE, PAGE_BITS, type Page, type SparePages } from "./slot-pages.ts";

/** A hash table with open addressing and linear probing, that grows and drops what expired by being laid out anew. */
export type RevocationSegment = {
  readonly count: number;
  /** `hash` is the revocation's. @returns whether anything changed */
  put(hash: number, revocation: HeldRevocation): boolean;
  /** Lays out for so many once, rather than again and again as they come. */
  reserve(count: number): void;
  names(hash: number, digests: Buffer, offset: number, birth: number): boolean;
  /** Drops what is kept until `now` or less. @returns how many went */
  sweep(now: number): number;
  /** A copy of all entries: `WORDS` for each. */
  packed(): Uint32Array;
};

const MAX_LOAD = 0.75;
/** Pages that are added for each that there is: few, so that little memory lies free. */
const GROWTH = 1 / 8;

export function revocationSegment(spare: SparePages): RevocationSegment {
  let pages = spare.take(1);
  let count = 0;

  /** With those of the entries that have not expired. */
  const layOut = (pageCount: (left: number) => number, now: number): void => {
    const entries = spare.scratch(pages.length * PAGE * WORDS);
    const length = packInto(entries, pages, now);
    count = length / WORDS;
    spare.giveBack(pages);
    pages = spare.take(pageCount(count));
    for (let base = 0; base < length; base += WORDS) {
      const hash = hashAt(entries, base);
      const slot = takeSlot(pages, homeOf(pages, hash), hash);
      const { words } = pageOf(pages, slot);
      for (let word = 0, to = baseOf(slot); word < WORDS; word++, to++) words[to] = entries[base + word] ?? 0;
    }
  };

  return {
    get count() {
      return count;
    },
    put: (hash, revocation) => {
      const found = findSlot(pages, hash, revocation.digest, 0);
      if (found >= 0) return strengthen(pageOf(pages, found).words, baseOf(found), revocation);
      let free = -1 - found;
      if (count + 1 > pages.length * PAGE * MAX_LOAD) {
        const wanted = grown(pages.length);
        layOut(() => wanted, -Infinity);
        free = homeOf(pages, hash);
      }
      const slot = takeSlot(pages, free, hash);
      pack(pageOf(pages, slot).words, baseOf(slot), revocation);
      count += 1;
      return true;
    },
    reserve: (wanted) => {
      const pageCount = Math.ceil(wanted / (PAGE * MAX_LOAD));
      if (pageCount > pages.length) layOut(() => pageCount, -Infinity);
    },
    names: (hash, digests, offset, birth) => {
      const slot = findSlot(pages, hash, digests, offset);
      return slot >= 0 && isBornInTime(pageOf(pages, slot).words, baseOf(slot), birth);
    },
    sweep: (now) => {
      if (!hasExpired(pages, now)) return 0;
      const [before, most] = [count, pages.length];
      layOut((left) => Math.min(most, grown(Math.ceil(left / (PAGE * MAX_LOAD)))), now);
      return before - count;
    },
    packed: () => {
      const packed = new Uint32Array(count * WORDS);
      packInto(packed, pages, -Infinity);
      return packed;
    },
  };
}

/** The slot that holds the digest at `offset`; else -1 less the first that is free for it. */
function findSlot(pages: readonly Page[], hash: number, digests: Buffer, offset: number): number {
  const mark = markOf(hash);
  for (let slot = homeOf(pages, hash); ; slot = slot === pages.length * PAGE ? 0 : slot) {
    const { marks, words } = pageOf(pages, slot);
    for (let within = slot & (PAGE - 1); within < PAGE; within++, slot++) {
      const held = marks[within];
      if (held === 0) return -1 - slot;
      if (held === mark && hasDigest(words, within * WORDS, digests, offset)) return slot;
    }
  }
}

/** Marks the first free slot from one on. There always is one. */
function takeSlot(pages: readonly Page[], from: number, hash: number): number {
  let slot = from;
  while (pageOf(pages, slot).marks[slot & (PAGE - 1)] !== 0) slot = (slot + 1) % (pages.length * PAGE);
  pageOf(pages, slot).marks[slot & (PAGE - 1)] = markOf(hash);
  return slot;
}

function hasExpired(pages: readonly Page[], now: number): boolean {
  return pages.some(({ marks, words }) =>
    marks.some((mark, within) => mark !== 0 && isExpired(words, within * WORDS, now)),
  );
}

/** The entries that have not expired, one after the other. @returns how many words they take */
function packInto(packed: Uint32Array, pages: readonly Page[], now: number): number {
  let length = 0;
  for (const { marks, words } of pages) {
    for (let within = 0, base = 0; within < PAGE; within++, base += WORDS) {
      if (marks[within] === 0 || isExpired(words, base, now)) continue;
      for (let word = 0; word < WORDS; word++) packed[length++] = words[base + word] ?? 0;
    }
  }
  return length;
}

function hashAt(words: Uint32Array, base: number): number {
  return hashOfWords(words[base] ?? 0, words[base + 1] ?? 0, words[base + 2] ?? 0, words[base + 3] ?? 0);
}

/** By the 24 lower bits: the others choose the segment. */
function homeOf(pages: readonly Page[], hash: number): number {
  return Math.floor(((hash & 0xffffff) * pages.length) / 2 ** (24 - PAGE_BITS));
}

function markOf(hash: number): number {
  return hash & 0xff || 1;
}

function grown(pageCount: number): number {
  return Math.max(1, Math.ceil(pageCount * (1 + GROWTH)));
}

function pageOf(pages: readonly Page[], slot: number): Page {
  const page = pages[slot >>> PAGE_BITS];
  if (page === undefined) throw new Error("the segment has no such slot");
  return page;
}

function baseOf(slot: number): number {
  return (slot & (PAGE - 1)) * WORDS;
}
