import { addMetrics, onlyCounts } from "../telemetry/add-metrics.ts";
import { METRICS } from "../telemetry/attributes.ts";
import type { MetricFamily } from "../telemetry/metric-family.ts";
import type { Gathered } from "../workers/gather-metrics.ts";

/**
 * The metrics of all workers as those of one process. Of one that does not answer in time, and of one that has ended, what it has told last
 * of its counts stays in the sum: a sum that falls and rises again would look like as many calls more.
 */
export function crewMetrics(gather: () => Promise<Gathered<object>>): () => Promise<MetricFamily[]> {
  const last = new Map<object, MetricFamily[]>();
  let ended: MetricFamily[] = [];
  let silences = 0;

  return async () => {
    const { told, silent } = await gather();
    silences += silent.size;
    const missing: MetricFamily[][] = [];
    for (const [member, families] of last) {
      if (told.has(member)) continue;
      if (silent.has(member)) missing.push(onlyCounts(families));
      else {
        ended = addMetrics([ended, onlyCounts(families)]);
        last.delete(member);
      }
    }
    for (const [member, families] of told) last.set(member, families);
    return [...addMetrics([...told.values(), ended, ...missing]), silentWorkers(silences)];
  };
}

function silentWorkers(value: number): MetricFamily {
  return {
    name: METRICS.silentWorkers,
    unit: "",
    help: "Times that a worker did not tell its metrics in time.",
    kind: "counter",
    points: [{ labels: {}, value }],
  };
}
