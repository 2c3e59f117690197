import { cpuMicroseconds } from "./process-usage.ts";

/** One line of `--json`: medians over interleaved pairs; `ratio` is product over reference. */
export type Measure = {
  suite: string;
  measure: string;
  unit: string;
  reference: number;
  product: number;
  ratio: number;
  runs: number;
  /** Of medians, product less reference, and where it lies with 95 %; only where that is the question. */
  difference?: number;
  interval?: readonly [number, number];
};

/** What a run of some load came to. `calls` are those that were answered; items, where a call carries several. */
export type LoadResult = { calls: number; seconds: number };

/** A server, and what puts load on it. */
export type Side = { pid: number; run: (milliseconds: number) => Promise<LoadResult> };

export type PairOptions = {
  suite: string;
  /** Its name is the CPU's; the throughput's has `_rate` behind it. */
  measure: string;
  /** What one of `calls` is. */
  each?: "call" | "item";
  runs: number;
  milliseconds: number;
  around?: Around | undefined;
};

/** Does a run of the product, and looks at its process meanwhile. */
export type Around = (measure: string, pid: number, run: () => Promise<LoadResult>) => Promise<LoadResult>;

type Run = { cpu: number; rate: number };

/** Runs reference and product in turn, so that a drifting machine drifts under both. The first pair warms up and is not counted. */
export async function measurePairs(
  options: PairOptions,
  reference: Side,
  product: Side,
): Promise<[cpu: Measure, rate: Measure]> {
  const pairs: { reference: Run; product: Run }[] = [];
  const watched = watchedBy(options, product);
  for (let run = 0; run <= options.runs; run++) {
    const isWarm = run > 0;
    const pair = {
      reference: await runOnce(reference, options),
      product: await runOnce(isWarm ? watched : product, options),
    };
    if (isWarm) pairs.push(pair);
  }
  const { suite, measure, each = "call" } = options;
  return [
    medianMeasure({ suite, measure, unit: `µs/${each}` }, pairs.map(figureOf("cpu"))),
    medianMeasure({ suite, measure: `${measure}_rate`, unit: `${each}s/s` }, pairs.map(figureOf("rate"))),
  ];
}

/** Medians over pairs of figures; the ratio is the median of the pairs' ratios. */
export function medianMeasure(
  named: Pick<Measure, "measure" | "suite" | "unit">,
  pairs: readonly { reference: number; product: number }[],
): Measure {
  return {
    ...named,
    reference: median(pairs.map(({ reference }) => reference)),
    product: median(pairs.map(({ product }) => product)),
    ratio: median(pairs.map(({ reference, product }) => product / reference)),
    runs: pairs.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function watchedBy({ around, measure }: PairOptions, { pid, run }: Side): Side {
  if (around === undefined) return { pid, run };
  return { pid, run: (milliseconds) => around(measure, pid, () => run(milliseconds)) };
}

async function runOnce(side: Side, options: PairOptions): Promise<Run> {
  const before = await cpuMicroseconds(side.pid);
  const { calls, seconds } = await side.run(options.milliseconds);
  const after = await cpuMicroseconds(side.pid);
  return { cpu: (after - before) / calls, rate: calls / seconds };
}

function figureOf(figure: keyof Run) {
  return ({ reference, product }: { reference: Run; product: Run }) => ({
    reference: reference[figure],
    product: product[figure],
  });
}
