import { WORDS } from "./packed-revocation.ts";

/** Slots of a hash table. */
export type Page = {
  /** A byte for each slot: 0 where it is free, else a few bits of the hash, so that a miss seldom touches `words`. */
  readonly marks: Uint8Array;
  /** `WORDS` for each slot. */
  readonly words: Uint32Array;
};

/**
 * Pages that no table uses, for the next that grows. All are of one size and none goes back, so growing leaves neither garbage
 * nor holes: arrays of growing sizes held twice the memory that was in them.
 */
export type SparePages = {
  /** Of all pages ever made. */
  readonly bytes: number;
  /** Empty ones. */
  take(count: number): Page[];
  giveBack(pages: readonly Page[]): void;
  /** At least so many words to work with until the next call, in one place for all: a new one each time would be garbage of megabytes. */
  scratch(words: number): Uint32Array;
};

/** Slots a page. */
export const PAGE_BITS = 8;
export const PAGE = 1 << PAGE_BITS;

export function sparePages(): SparePages {
  const spare: Page[] = [];
  let made = 0;
  let scratch = new Uint32Array(0);
  const takeOne = (): Page => {
    const page = spare.pop();
    if (page === undefined) {
      made += 1;
      return { marks: new Uint8Array(PAGE), words: new Uint32Array(PAGE * WORDS) };
    }
    page.marks.fill(0);
    page.words.fill(0);
    return page;
  };
  return {
    get bytes() {
      return made * PAGE * (1 + WORDS * 4);
    },
    take: (count) => Array.from({ length: count }, takeOne),
    giveBack: (pages) => {
      spare.push(...pages);
    },
    scratch: (words) => {
      // Twice as much as is asked for: it grows seldom.
      if (scratch.length < words) scratch = new Uint32Array(words * 2);
      return scratch;
    },
  };
}
