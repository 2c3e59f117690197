/**
 * Metrics in the text format of Prometheus (version 0.0.4), named as OpenTelemetry's compatibility rules say: with the unit, and `_total` for
 * what only grows. The SDK's own serializer leaves units out of names, and needs the SDK where only sums of what others told are served.
 */
import type { HistogramPoint, Labels, MetricFamily } from "./metric-family.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const UNITS: Readonly<Record<string, string>> = { s: "seconds", By: "bytes" };

export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map(textOf).join("");
}

/** `assay.introspections` as `assay_introspections_total`. */
export function prometheusName({ name, unit, kind }: Pick<MetricFamily, "name" | "unit" | "kind">): string {
  const suffix = UNITS[unit];
  const plain = name.replaceAll(/[^a-zA-Z0-9_]+/g, "_");
  const measured = suffix === undefined || plain.endsWith(`_${suffix}`) ? plain : `${plain}_${suffix}`;
  return kind === "counter" ? `${measured}_total` : measured;
}

function textOf(family: MetricFamily): string {
  const name = prometheusName(family);
  const heading = `# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${family.kind}\n`;
  const lines =
    family.kind === "histogram"
      ? family.points.flatMap((point) => histogramLines(name, family.bounds, point))
      : family.points.map(({ labels, value }) => line(name, labels, value));
  return heading + lines.join("");
}

function histogramLines(name: string, bounds: readonly number[], { labels, count, sum, counts }: HistogramPoint) {
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return line(`${name}_bucket`, { ...labels, le: String(bound) }, below);
  });
  const all = line(`${name}_bucket`, { ...labels, le: "+Inf" }, count);
  return [...buckets, all, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label.replaceAll(/[^a-zA-Z0-9_]+/g, "_")}="${escaped(text).replaceAll('"', '\\"')}"`,
  );
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
