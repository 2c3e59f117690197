/** Observations by bucket: `bounds` are the upper bounds of all but the last, which has none. */
export type Buckets = { bounds: readonly number[]; counts: readonly number[] };

/**
 * Below which value the share `q` of the observations lies, as far as buckets tell: within one they are taken to be spread evenly. Of the
 * last, its lower bound is told.
 * @returns undefined where there are none
 */
export function quantile({ bounds, counts }: Buckets, q: number): number | undefined {
  const rank = q * counts.reduce((sum, count) => sum + count, 0);
  if (rank === 0) return undefined;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const lower = bucket === 0 ? 0 : (bounds[bucket - 1] ?? 0);
      const upper = bounds[bucket] ?? lower;
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1);
}
