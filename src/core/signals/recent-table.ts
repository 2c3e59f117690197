import { scramble } from "./text-hash.ts";

/**
 * What was seen last, by keys of 64 bits, in memory that never grows. A key has its place among eight: what was used longest ago
 * makes room. Which eight, a seed decides that nobody knows, so that none can be displaced but by as many others as there is room for.
 */
export type RecentTable = {
  /** All entries. Of each the first three words are the table's own, the others its user's, 0 in what is new. */
  readonly words: Int32Array;
  /** @returns where the entry begins, or -1 */
  find(high: number, low: number): number;
  /** The entry, new where there is none. @param now in seconds @returns where it begins */
  take(high: number, low: number, now: number): number;
};

/** Words of the table's own: the key, and when the entry was taken last. */
const [HIGH, LOW, SEEN] = [0, 1, 2];
const WAYS = 8;

/** @param entries a power of two, 8 at least @param width words of an entry @param seed of 32 bits, a secret */
export function openRecentTable(entries: number, width: number, seed: number): RecentTable {
  // Untouched pages of it cost nothing until something is written there.
  const words = new Int32Array(entries * width);
  const sets = entries / WAYS - 1;
  const setWidth = WAYS * width;

  const setOf = (high: number, low: number): number => (scramble(high ^ seed, low) & sets) * setWidth;

  const findIn = (from: number, high: number, low: number): number => {
    for (let entry = from; entry < from + setWidth; entry += width)
      if (words[entry + HIGH] === high && words[entry + LOW] === low) return entry;
    return -1;
  };

  /** The free ones are farthest of all. What was seen in a time to come, before a clock was set back, is no newer for that. */
  const farthestIn = (from: number, now: number): number => {
    let [farthest, most] = [from, -1];
    for (let entry = from; entry < from + setWidth; entry += width) {
      const distance = Math.abs(now - (words[entry + SEEN] ?? 0));
      if (distance > most) [farthest, most] = [entry, distance];
    }
    return farthest;
  };

  return {
    words,
    find: (high, low) => findIn(setOf(high, low), high, low),
    take: (high, low, now) => {
      const from = setOf(high, low);
      let entry = findIn(from, high, low);
      if (entry < 0) {
        entry = farthestIn(from, now);
        words.fill(0, entry, entry + width);
        words[entry + HIGH] = high;
        words[entry + LOW] = low;
      }
      words[entry + SEEN] = now;
      return entry;
    },
  };
}
