import { cpuMicroseconds } from "./child-process.ts";
import { generateLoad, type Load } from "./http2-load.ts";

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

export type Side = { pid: number; load(milliseconds: number): Load };

export type PairOptions = { suite: string; measure: string; runs: number; milliseconds: number };

type Run = { cpu: number; rate: number };

/** Runs reference and product in turn, so that a drifting machine drifts under both. The first pair warms up and is not counted. */
export async function measurePairs(options: PairOptions, reference: Side, product: Side): Promise<Measure[]> {
  const pairs: { reference: Run; product: Run }[] = [];
  for (let run = 0; run <= options.runs; run++) {
    const pair = { reference: await runOnce(reference, options), product: await runOnce(product, options) };
    if (run > 0) pairs.push(pair);
  }
  return [summarise(options, pairs, "cpu", "µs/call"), summarise(options, pairs, "rate", "calls/s")];
}

async function runOnce(side: Side, options: PairOptions): Promise<Run> {
  const before = await cpuMicroseconds(side.pid);
  const { calls, seconds } = await generateLoad(side.load(options.milliseconds));
  const after = await cpuMicroseconds(side.pid);
  return { cpu: (after - before) / calls, rate: calls / seconds };
}

function summarise(
  options: PairOptions,
  pairs: readonly { reference: Run; product: Run }[],
  figure: keyof Run,
  unit: string,
): Measure {
  return {
    suite: options.suite,
    measure: `${options.measure}_${figure}`,
    unit,
    reference: median(pairs.map((pair) => pair.reference[figure])),
    product: median(pairs.map((pair) => pair.product[figure])),
    ratio: median(pairs.map((pair) => pair.product[figure] / pair.reference[figure])),
    runs: pairs.length,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
