import type { Effort, Report } from "../effort.ts";
import { PERCENTILES, type Percentile, type RunResult } from "../generator/load.ts";
import { medianMeasure } from "../pairs.ts";
import type { LoadedSide } from "../sides.ts";

const NAMES: readonly Percentile[] = ["p50", "p90", "p99", "p999"];

/**
 * How long answers take at a fixed rate, the same for both: in an open loop, from the time at which each call was to be sent. What a
 * generator that waits for answers measures leaves out all the calls that a stall would have hit.
 */
export async function measureLatency(
  { echo, own }: Record<"echo" | "own", LoadedSide>,
  rate: number,
  { runs, milliseconds }: Effort,
  report: Report,
): Promise<void> {
  const pairs: Record<"product" | "reference", RunResult["latency"]>[] = [];
  while (pairs.length < runs) {
    const reference = (await echo.load.run({ milliseconds, rate })).latency;
    const product = (await own.load.run({ milliseconds, rate })).latency;
    pairs.push({ reference, product });
  }
  for (const name of NAMES) {
    const named = { suite: "introspect", measure: `unary_seen_latency_${labelOf(name)}`, unit: "ms" };
    report(
      medianMeasure(
        named,
        pairs.map(({ reference, product }) => ({ reference: reference[name], product: product[name] })),
      ),
    );
  }
}

/** p99.9 rather than p999. */
function labelOf(name: Percentile): string {
  return `p${PERCENTILES[name] * 100}`;
}
