import { type Admission, isInUse } from "../admission.ts";
import type { Recognised } from "../recognised.ts";
import { tokenDigest } from "../token/token-digest.ts";
import { places } from "./places.ts";
import {
  admissionIn,
  ALIGNMENT,
  hashIn,
  hashOf,
  isOf,
  isRecalled,
  lengthOf,
  packToken,
  type Page,
  setRecalled,
  type TokenRecord,
  unpackToken,
} from "./token-record.ts";

/**
 * Access tokens that were verified, for as long as there is room. The oldest go first, but for those that were recalled meanwhile.
 * What was admitted by keys that are no longer in use is not found.
 */
export type RememberedTokens = {
  readonly size: number;
  /** Of the memory that was taken for them. */
  readonly bytes: number;
  /** How many were found by `find`, and how many were not. */
  readonly hits: number;
  readonly misses: number;
  /** Digests the whole token: its length must have been bounded. */
  find(token: string): TokenRecord | undefined;
  /** All that was known of it. */
  recall(token: string): Recognised | undefined;
  /**
   * In place of one whose digest begins alike. Nothing new is remembered of what is found already, of what nobody would find, and of what takes
   * more than a quarter of a page.
   */
  remember(token: string, recognised: Recognised, answer: Uint8Array): void;
};

/** In bytes, powers of two. */
const [SMALLEST_PAGE, GREATEST_PAGE] = [16_384, 262_144];
const MANY_PAGES = 16;
/** Of a page that makes room: what was recalled keeps up to so much of it. */
const KEPT = 3 / 4;

/** @param limit in bytes. With less than a page of 16384 nothing is remembered */
export function rememberedTokens(limit: number): RememberedTokens {
  const pageBytes = pageFor(limit);
  const mostPages = Math.floor(limit / pageBytes);
  const pages: Page[] = [];
  /** Where tokens lie, in units of the alignment, by the hash of their digests. */
  const known = places();
  const admitted = numberedAdmissions();
  /** The page that is written to. After it, in a ring, comes the oldest. */
  let newest = -1;

  const placeOf = ({ page, at }: TokenRecord): number => (page.number * pageBytes + at) / ALIGNMENT;

  const lookUp = (digest: string): TokenRecord | undefined => {
    const place = known.get(hashOf(digest));
    if (place === undefined) return undefined;
    const start = place * ALIGNMENT;
    const page = pages[Math.floor(start / pageBytes)];
    if (page === undefined) return undefined;
    const record = { page, at: start % pageBytes };
    return isOf(record, digest) && admitted.areInUse(admissionIn(record)) ? record : undefined;
  };

  let hits = 0;
  let misses = 0;

  const recalled = (token: string): TokenRecord | undefined => {
    const record = pages.length === 0 ? undefined : lookUp(tokenDigest(token));
    if (record !== undefined) setRecalled(record, true);
    return record;
  };

  /** Of what was recalled since it was written stays what there is room for. */
  const makeRoom = (page: Page): void => {
    let kept = 0;
    for (let at = 0, length = 0; at < page.end; at += length) {
      const record = { page, at };
      length = lengthOf(record);
      const hash = hashIn(record);
      if (known.get(hash) !== placeOf(record)) continue;
      if (isRecalled(record) && kept + length <= pageBytes * KEPT) {
        setRecalled(record, false);
        page.bytes.copyWithin(kept, at, at + length);
        known.set(hash, placeOf({ page, at: kept }));
        kept += length;
      } else {
        known.delete(hash);
      }
    }
    page.end = kept;
  };

  const pageWithRoom = (length: number): Page => {
    const current = pages[newest];
    if (current !== undefined && current.end + length <= pageBytes) return current;
    newest = pages.length < mostPages ? pages.length : (newest + 1) % pages.length;
    const next = pages[newest] ?? newPage(newest, pageBytes);
    pages[newest] = next;
    makeRoom(next);
    return next;
  };

  return {
    get size() {
      return known.size;
    },
    get bytes() {
      return pages.length * pageBytes;
    },
    get hits() {
      return hits;
    },
    get misses() {
      return misses;
    },
    find: (token) => {
      const record = recalled(token);
      if (record === undefined) misses += 1;
      else hits += 1;
      return record;
    },
    recall: (token) => {
      const record = recalled(token);
      return record === undefined ? undefined : unpackToken(record, admitted.numbered(admissionIn(record)));
    },
    remember: (token, recognised, answer) => {
      const { admission } = recognised;
      if (mostPages === 0 || (admission !== undefined && !isInUse(admission))) return;
      const digest = tokenDigest(token);
      // Many may have seen it for the first time together.
      if (lookUp(digest) !== undefined) return;
      const packed = packToken(digest, recognised, admitted.numberOf(admission), answer);
      if (packed === undefined || packed.length > pageBytes * (1 - KEPT)) return;
      const page = pageWithRoom(packed.length);
      packed.copy(page.bytes, page.end);
      known.set(hashOf(digest), placeOf({ page, at: page.end }));
      page.end += packed.length;
    },
  };
}

function newPage(number: number, length: number): Page {
  const bytes = Buffer.allocUnsafeSlow(length);
  return { number, bytes, view: new DataView(bytes.buffer), end: 0 };
}

function pageFor(limit: number): number {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, limit / MANY_PAGES)));
  return Math.min(GREATEST_PAGE, Math.max(SMALLEST_PAGE, wanted));
}

/** What admitted tokens, by numbers that never come again: bytes hold no object. 0 is what no key admitted. */
function numberedAdmissions() {
  const known = new Map<number, Admission>();
  let last = 0;
  return {
    numbered: (number: number) => known.get(number),
    areInUse: (number: number) => {
      if (number === 0) return true;
      const admission = known.get(number);
      return admission !== undefined && isInUse(admission);
    },
    numberOf: (admission: Admission | undefined) => {
      if (admission === undefined) return 0;
      for (const [number, { source, in: keys }] of known)
        if (source === admission.source && keys === admission.in) return number;
      // So that key sets which were replaced are not kept.
      for (const [number, old] of known) if (!isInUse(old)) known.delete(number);
      last += 1;
      known.set(last, admission);
      return last;
    },
  };
}
