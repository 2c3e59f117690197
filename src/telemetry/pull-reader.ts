import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { SCOPE } from "./attributes.ts";
import type { HistogramPoint, Labels, MetricFamily, NumberPoint } from "./metric-family.ts";

export type MetricReader = NonNullable<NodeSDKConfiguration["metricReaders"]>[number];

export type PullReader = {
  reader: MetricReader;
  /** Whether the SDK has taken it. */
  isTaken: () => boolean;
  /** What was counted and measured since the start. */
  collect: () => Promise<MetricFamily[]>;
};

type Producer = Parameters<MetricReader["setMetricProducer"]>[0];
type Collection = Awaited<ReturnType<Producer["collect"]>>;
type MetricData = Collection["resourceMetrics"]["scopeMetrics"][number]["metrics"][number];

/** The SDK's enumerations by their numbers: it is loaded only where telemetry is asked for. */
const DEFAULT_AGGREGATION = 0;
const CUMULATIVE = 1;
/** Labels come from constants and the configuration: a metric never gets near it. Beyond, all else is one series. */
const MOST_SERIES = 1_000;
const COLLECT_MS = 1_000;

/** A reader of the SDK's metrics that is asked, and sends nothing by itself. */
export function pullReader(): PullReader {
  let producer: Producer | undefined;
  const collect: MetricReader["collect"] = (options) => {
    if (producer === undefined) throw new Error("the metrics have not been started");
    return producer.collect(options);
  };
  const reader: MetricReader = {
    setMetricProducer: (given) => {
      producer = given;
    },
    selectAggregation: () => ({ type: DEFAULT_AGGREGATION }),
    selectAggregationTemporality: () => CUMULATIVE,
    selectCardinalityLimit: () => MOST_SERIES,
    collect,
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  return {
    reader,
    isTaken: () => producer !== undefined,
    async collect() {
      const { resourceMetrics } = await collect({ timeoutMillis: COLLECT_MS });
      const ours = resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name === SCOPE);
      return ours.flatMap(({ metrics }) => metrics.flatMap(familyOf));
    },
  };
}

/** None for what has nothing to tell yet, or is of no kind that we make. */
function familyOf(data: MetricData): MetricFamily[] {
  const { name, unit, description: help } = data.descriptor;
  const numbers: NumberPoint[] = [];
  const histograms: HistogramPoint[] = [];
  let bounds: number[] = [];
  for (const { attributes, value } of data.dataPoints) {
    const labels = labelsOf(attributes);
    if (typeof value === "number") {
      if (Number.isFinite(value)) numbers.push({ labels, value });
    } else if ("buckets" in value) {
      const { count, sum = 0, buckets } = value;
      bounds = [...buckets.boundaries];
      histograms.push({ labels, count, sum, counts: [...buckets.counts] });
    }
  }
  if (histograms.length > 0) return [{ name, unit, help, kind: "histogram", bounds, points: histograms }];
  if (numbers.length === 0) return [];
  const kind = "isMonotonic" in data && data.isMonotonic ? "counter" : "gauge";
  return [{ name, unit, help, kind, points: numbers }];
}

function labelsOf(attributes: object): Labels {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}
