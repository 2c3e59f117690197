const LEAST_MS = 500;
const GREATEST_MS = 60_000;
/** A receiver may ask for more patience than ours, but not for any. */
const GREATEST_ASKED_MS = 300_000;

/**
 * How long to leave a receiver alone after so many failures in a row: twice as long each time, and not at the same time as others.
 * @param askedMs what it asked for itself
 * @param random from 0 to 1
 */
export function backOffMs(failures: number, askedMs = 0, random = Math.random()): number {
  const most = Math.min(GREATEST_MS, LEAST_MS * 2 ** (failures - 1));
  return Math.max(most * (0.5 + random / 2), Math.min(askedMs, GREATEST_ASKED_MS));
}
