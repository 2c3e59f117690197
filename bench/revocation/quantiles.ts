import { type Measure, median } from "../pairs.ts";

/** Of one run: how long each took, in microseconds, both sides in turn. */
export type PairedRun = { reference: readonly number[]; product: readonly number[] };

/** p50 and p99 of each run, and of those the medians over the runs. */
export function quantileMeasures(suite: string, measure: string, runs: readonly PairedRun[]): Measure[] {
  return ([50, 99] as const).map((percent) => {
    const reference = runs.map((run) => quantile(run.reference, percent / 100));
    const product = runs.map((run) => quantile(run.product, percent / 100));
    return {
      suite,
      measure: `${measure}_p${percent}`,
      unit: "µs",
      reference: median(reference),
      product: median(product),
      ratio: median(product.map((value, run) => value / (reference[run] ?? Number.NaN))),
      runs: runs.length,
    };
  });
}

/** The least value that at least this part of all does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
