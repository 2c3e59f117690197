import { isOver } from "./window.ts";

export type CallerBurst = {
  /** Counts any call of the caller's. */
  asked(entry: number, now: number): void;
  /** Counts one that is to be noticed. @returns how many there were in the window, 0 while they are not too many */
  hit(entry: number): number;
};

/** When the window began, all calls in it, and those that are to be noticed. */
const [FROM, ALL, HITS] = [0, 1, 2];

/**
 * A busy caller has many bad tokens without any attack: a burst is both a number and a share of all that the caller asked meanwhile.
 * @param at where its three words lie in an entry
 */
export function callerBurst(
  words: Int32Array,
  at: number,
  rule: { enabled: boolean; byCaller: number; share: number; windowMs: number },
): CallerBurst {
  const window = rule.windowMs / 1_000;
  return {
    asked: (entry, now) => {
      const place = entry + at;
      const from = words[place + FROM] ?? 0;
      if (isOver(from, now, window)) {
        words[place + FROM] = now;
        words[place + ALL] = 1;
        words[place + HITS] = 0;
      } else {
        words[place + ALL] = (words[place + ALL] ?? 0) + 1;
      }
    },
    hit: (entry) => {
      const place = entry + at;
      const hits = (words[place + HITS] ?? 0) + 1;
      words[place + HITS] = hits;
      return rule.enabled && hits >= rule.byCaller && hits >= rule.share * (words[place + ALL] ?? 0) ? hits : 0;
    },
  };
}
