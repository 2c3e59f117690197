/** How values lie: the median, what one of a hundred and one of a thousand exceeds, and the greatest. */
export type Spread = { count: number; median: number; p99: number; p999: number; max: number };

/** @param values in no particular order; all zero where there are none */
export function spreadOf(values: Iterable<number>): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const { length: count } = sorted;
  const at = (share: number): number => sorted[Math.min(count - 1, Math.floor(share * count))] ?? 0;
  return { count, median: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}
