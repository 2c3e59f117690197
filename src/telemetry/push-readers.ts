import { createRequire } from "node:module";
import type { MetricReader } from "./pull-reader.ts";

type Variables = Readonly<Record<string, string | undefined>>;
type Exporter = { new (): object };
type PeriodicReader = {
  new (options: { exporter: object; exportIntervalMillis: number; exportTimeoutMillis: number }): MetricReader;
};

const PACKAGES: Readonly<Record<string, string>> = {
  grpc: "@opentelemetry/exporter-metrics-otlp-grpc",
  "http/json": "@opentelemetry/exporter-metrics-otlp-http",
  "http/protobuf": "@opentelemetry/exporter-metrics-otlp-proto",
};
const [INTERVAL_MS, TIMEOUT_MS] = [60_000, 30_000];

/**
 * What exports metrics by the standard variables. The SDK makes the same by itself, but not beside a reader of its user's: given one, it
 * makes none.
 */
export function pushReaders(env: Variables): MetricReader[] {
  const exporters = listOf(env["OTEL_METRICS_EXPORTER"]);
  if (exporters.includes("none") || (exporters.length > 0 && !exporters.includes("otlp"))) return [];
  const exportIntervalMillis = positive(env["OTEL_METRIC_EXPORT_INTERVAL"]) ?? INTERVAL_MS;
  const timeoutMs = positive(env["OTEL_METRIC_EXPORT_TIMEOUT"]) ?? TIMEOUT_MS;
  const protocol = env["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] ?? env["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "";
  const { PeriodicExportingMetricReader: Reader, OTLPMetricExporter: OtlpExporter } = load(protocol.trim());
  const exportTimeoutMillis = Math.min(timeoutMs, exportIntervalMillis);
  return [new Reader({ exporter: new OtlpExporter(), exportIntervalMillis, exportTimeoutMillis })];
}

/** Of the SDK's own packages, so that there is one version of each. */
function load(protocol: string): { PeriodicExportingMetricReader: PeriodicReader; OTLPMetricExporter: Exporter } {
  const ofSdk = createRequire(createRequire(import.meta.url).resolve("@opentelemetry/sdk-node"));
  return {
    ...ofSdk("@opentelemetry/sdk-metrics"),
    ...ofSdk(PACKAGES[protocol] ?? "@opentelemetry/exporter-metrics-otlp-proto"),
  };
}

function listOf(text = ""): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function positive(text = ""): number | undefined {
  const number = Number(text);
  return number > 0 ? number : undefined;
}
