import type { Figures, IssuerKeyFigures } from "../console/shown.ts";
import { ATTRIBUTES, METRICS } from "../telemetry/attributes.ts";
import type { HistogramPoint, MetricFamily, NumberPoint } from "../telemetry/metric-family.ts";

/** What the console shows of a process's metrics. */
export function figuresOf(families: readonly MetricFamily[]): Figures {
  const numbers = (name: string): readonly NumberPoint[] =>
    families.flatMap((family) => (family.name === name && family.kind !== "histogram" ? family.points : []));
  const value = (name: string): number => numbers(name)[0]?.value ?? 0;
  return {
    calls: families.flatMap(callsOf),
    introspections: Object.fromEntries(
      numbers(METRICS.introspections).map(({ labels, value: count }) => [labels[ATTRIBUTES.outcome] ?? "", count]),
    ),
    view: {
      staleFor: value(METRICS.revocationStaleness),
      entries: value(METRICS.revocations),
      bytes: value(METRICS.revocationMemory),
    },
    issuerKeys: issuerKeysOf(numbers(METRICS.issuerKeyAge), numbers(METRICS.issuerKeyFetches)),
  };
}

/** However they ended. */
function callsOf(family: MetricFamily): Figures["calls"][number][] {
  if (family.name !== METRICS.rpcDuration || family.kind !== "histogram") return [];
  const { bounds } = family;
  const byRpc = Map.groupBy(
    family.points,
    ({ labels }) => (labels[ATTRIBUTES.rpcMethod] ?? "").split("/").at(-1) ?? "",
  );
  return [...byRpc].map(([rpc, points]) => ({
    rpc,
    count: sum(points.map(({ count }) => count)),
    bounds,
    counts: Array.from({ length: bounds.length + 1 }, (_, bucket) => sumOfBucket(points, bucket)),
  }));
}

function sumOfBucket(points: readonly HistogramPoint[], bucket: number): number {
  return sum(points.map(({ counts }) => counts[bucket] ?? 0));
}

function issuerKeysOf(ages: readonly NumberPoint[], fetches: readonly NumberPoint[]): IssuerKeyFigures[] {
  return [...new Set([...ages, ...fetches].map(issuerOf))].map((issuer) => ({
    issuer,
    age: ages.find((point) => issuerOf(point) === issuer)?.value,
    fetches: Object.fromEntries(
      fetches
        .filter((point) => issuerOf(point) === issuer)
        .map(({ labels, value }) => [labels[ATTRIBUTES.outcome] ?? "", value]),
    ),
  }));
}

function issuerOf({ labels }: NumberPoint): string {
  return labels[ATTRIBUTES.issuer] ?? "";
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
