/** Metrics as they are handed on: plain, so that they go from one process to another. Names are OpenTelemetry's. */
export type MetricFamily =
  | (Described & { kind: "counter" | "gauge"; points: NumberPoint[] })
  /** `bounds` are the upper bounds of all buckets but the last, which has none. */
  | (Described & { kind: "histogram"; bounds: number[]; points: HistogramPoint[] });

type Described = { name: string; unit: string; help: string };

export type Labels = Record<string, string>;

export type NumberPoint = { labels: Labels; value: number };

/** `counts` are of each bucket alone. */
export type HistogramPoint = { labels: Labels; count: number; sum: number; counts: number[] };
