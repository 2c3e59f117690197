const FIRST_MS = 50;
const GREATEST_MS = 1_000;

/**
 * How long to wait before the next attempt, in milliseconds: anything up to a bound that doubles ("full jitter"), so that many who were
 * cut off together do not come back together; no sooner than the service said.
 * @param failures how many there have been in a row, from 1
 */
export function backOff(failures: number, retryAfterMs = 0): number {
  const bound = Math.min(GREATEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(retryAfterMs, Math.random() * bound);
}
