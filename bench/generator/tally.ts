import { PERCENTILES, type Percentile, type RunResult } from "./load.ts";

export type Tally = {
  /** @param since when it was to be sent, by performance.now() @param sent when it was: a server takes so many at once and no more */
  answered(items: number, since: number, sent?: number): void;
  shed(): void;
  result(): RunResult;
};

/**
 * Counts from now on.
 * @param end what is answered after it tells its latency and is no throughput. Absent: all counts, until the last answer
 */
export function tally(end?: number): Tally {
  const begun = performance.now();
  const [latencies, accepted]: [number[], number[]] = [[], []];
  let [calls, shed, last] = [0, 0, begun];
  return {
    answered: (items, since, sent = since) => {
      last = performance.now();
      latencies.push(last - since);
      accepted.push(last - sent);
      if (end === undefined || last <= end) calls += items;
    },
    shed: () => {
      shed++;
    },
    result: () => ({
      calls,
      seconds: ((end ?? last) - begun) / 1_000,
      shed,
      latency: percentiles(latencies),
      accepted: percentiles(accepted),
    }),
  };
}

function percentiles(latencies: readonly number[]): RunResult["latency"] {
  const sorted = Float64Array.from(latencies).toSorted();
  const at = (percentile: Percentile): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * PERCENTILES[percentile]) - 1)] ?? Number.NaN;
  return { p50: at("p50"), p90: at("p90"), p99: at("p99"), p999: at("p999") };
}
