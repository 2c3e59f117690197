/** Several processes that serve as one: their metrics as those of one. */
import { METRICS } from "./attributes.ts";
import type { HistogramPoint, Labels, MetricFamily, NumberPoint } from "./metric-family.ts";

/** What counts is summed; of what is measured this table says whether the processes have parts of it, or each all of it. */
export const HOW_GAUGES_ADD_UP: Readonly<Record<string, "sum" | "greatest">> = {
  [METRICS.rememberedTokens]: "sum",
  [METRICS.rememberedMemory]: "sum",
  [METRICS.revocationMemory]: "sum",
  [METRICS.revocations]: "greatest",
  [METRICS.revocationStaleness]: "greatest",
  [METRICS.issuerKeyAge]: "greatest",
  [METRICS.securityEventsWaiting]: "sum",
};

/** Points with the same labels become one. Families keep the order in which they are first told. */
export function addMetrics(told: Iterable<readonly MetricFamily[]>): MetricFamily[] {
  const sums = new Map<string, MetricFamily>();
  for (const families of told) {
    for (const family of families) sums.set(family.name, added(sums.get(family.name), family));
  }
  return [...sums.values()];
}

/** What only grows: a process that has ended has counted it all the same. */
export function onlyCounts(families: readonly MetricFamily[]): MetricFamily[] {
  return families.filter(({ kind }) => kind !== "gauge");
}

function added(sum: MetricFamily | undefined, family: MetricFamily): MetricFamily {
  if (sum === undefined) return family;
  if (sum.kind === "histogram") {
    if (family.kind !== "histogram") return sum;
    return { ...sum, points: together(sum.points, family.points, bothHistograms) };
  }
  if (family.kind === "histogram") return sum;
  const isGreatest = family.kind === "gauge" && HOW_GAUGES_ADD_UP[family.name] === "greatest";
  return { ...sum, points: together(sum.points, family.points, isGreatest ? greater : bothNumbers) };
}

function together<Point extends { labels: Labels }>(
  points: readonly Point[],
  others: readonly Point[],
  both: (point: Point, other: Point) => Point,
): Point[] {
  const byLabels = new Map(points.map((point) => [keyOf(point), point]));
  for (const other of others) {
    const point = byLabels.get(keyOf(other));
    byLabels.set(keyOf(other), point === undefined ? other : both(point, other));
  }
  return [...byLabels.values()];
}

function keyOf({ labels }: { labels: Labels }): string {
  return JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function bothNumbers({ labels, value }: NumberPoint, other: NumberPoint): NumberPoint {
  return { labels, value: value + other.value };
}

function greater(point: NumberPoint, other: NumberPoint): NumberPoint {
  return other.value > point.value ? other : point;
}

function bothHistograms({ labels, count, sum, counts }: HistogramPoint, other: HistogramPoint): HistogramPoint {
  return {
    labels,
    count: count + other.count,
    sum: sum + other.sum,
    counts: counts.map((of, bucket) => of + (other.counts[bucket] ?? 0)),
  };
}
