/** Finds thousands of patterns in hundreds of megabytes, in one pass over the bytes. */

/** `least`: how many bytes of it in a row betray it. From 8 to its length; its length: only the whole of it. */
export type Pattern = { bytes: Uint8Array; least: number };

/** A run of at least `least` bytes of a pattern, at a place in the text. */
export type Match = { pattern: number; at: number; length: number };

/** Every pattern is known by windows of so many bytes, so far apart that any betraying run holds one of them whole. */
const WINDOW = 8;
/** A run of fewer different bytes than these proves nothing: padding, or the same letter again and again. */
const LEAST_VARIETY = 8;
/** Windows of fewer different bytes are not indexed: they would be come upon at every step through some padding. */
const LEAST_WINDOW_VARIETY = 4;
/** Tokens begin alike. Each has windows of its own further on, so a common one is remembered for so many of them only. */
const GREATEST_SHARED = 16;
const HEAD_BITS = 18;
const FILTER_BITS = 24;

type Entry = { pattern: number; offset: number; low: number; high: number; next: Entry | undefined };

type Index = {
  /** A bit for each hash that occurs: most bytes of a text get no further. */
  filter: Uint32Array;
  heads: (Entry | undefined)[];
};

/** @returns a search for all of the patterns, which calls `found` for each run that it comes upon */
export function indexPatterns(patterns: readonly Pattern[]): (text: Uint8Array, found: (match: Match) => void) => void {
  const index: Index = {
    filter: new Uint32Array(2 ** (FILTER_BITS - 5)),
    heads: Array.from({ length: 2 ** HEAD_BITS }),
  };
  for (const [number, pattern] of patterns.entries()) addWindows(index, number, pattern);
  return (text, found) => search(index, patterns, text, found);
}

function addWindows({ filter, heads }: Index, pattern: number, { bytes, least }: Pattern): void {
  if (least < WINDOW || least > bytes.length)
    throw new Error(`a pattern of ${bytes.length} bytes cannot need ${least}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + WINDOW <= bytes.length; offset += least - WINDOW + 1) {
    if (new Set(bytes.subarray(offset, offset + WINDOW)).size < LEAST_WINDOW_VARIETY) continue;
    const [high, low] = [view.getInt32(offset), view.getInt32(offset + 4)];
    const hash = hashOf(high, low);
    const bit = hash >>> (32 - FILTER_BITS);
    filter[bit >>> 5] = (filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
    const head = hash >>> (32 - HEAD_BITS);
    if (occurrences(heads[head], high, low) >= GREATEST_SHARED) continue;
    heads[head] = { pattern, offset, low, high, next: heads[head] };
  }
}

function occurrences(head: Entry | undefined, high: number, low: number): number {
  let count = 0;
  for (let entry = head; entry !== undefined; entry = entry.next) if (entry.low === low && entry.high === high) count++;
  return count;
}

/** Moves a window over the text byte by byte. What has been found once is not looked at again. */
function search(
  { filter, heads }: Index,
  patterns: readonly Pattern[],
  text: Uint8Array,
  found: (match: Match) => void,
): void {
  let high = 0;
  let low = 0;
  for (let end = 1, after = WINDOW; end <= text.length; end++) {
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | (text[end - 1] ?? 0);
    const hash = hashOf(high, low);
    const bit = hash >>> (32 - FILTER_BITS);
    if ((((filter[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0 || end < after) continue;
    for (let entry = heads[hash >>> (32 - HEAD_BITS)]; entry !== undefined; entry = entry.next) {
      if (entry.low !== low || entry.high !== high) continue;
      const match = runAround(patterns, entry, text, end - WINDOW);
      if (match === undefined) continue;
      found(match);
      after = match.at + match.length + 1;
      break;
    }
  }
}

/** The longest run of the pattern around the window, if it is long enough. */
function runAround(
  patterns: readonly Pattern[],
  { pattern, offset }: Entry,
  text: Uint8Array,
  at: number,
): Match | undefined {
  const { bytes, least } = patterns[pattern] ?? { bytes: new Uint8Array(), least: 0 };
  let before = 0;
  while (before < offset && before < at && bytes[offset - before - 1] === text[at - before - 1]) before++;
  let length = WINDOW;
  while (offset + length < bytes.length && at + length < text.length && bytes[offset + length] === text[at + length])
    length++;
  const run = text.subarray(at - before, at + length);
  const isFragment = run.length < bytes.length;
  if (run.length < least || (isFragment && new Set(run).size < LEAST_VARIETY)) return undefined;
  return { pattern, at: at - before, length: run.length };
}

function hashOf(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
