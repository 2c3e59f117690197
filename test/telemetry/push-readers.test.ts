import { expect, test } from "vitest";
import { pushReaders } from "../../src/telemetry/push-readers.ts";

test.each<[string, Record<string, string>, number]>([
  ["nothing is said", {}, 1],
  ["the protocol is gRPC", { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, 1],
  ["the protocol of metrics is JSON", { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/json" }, 1],
  ["the protocol is unheard of", { OTEL_EXPORTER_OTLP_PROTOCOL: "morse" }, 1],
  ["the interval is short", { OTEL_METRIC_EXPORT_INTERVAL: "1000" }, 1],
  ["the interval is no number", { OTEL_METRIC_EXPORT_INTERVAL: "soon" }, 1],
  ["OTLP is one of several exporters", { OTEL_METRICS_EXPORTER: "otlp, prometheus" }, 1],
  ["there is to be none", { OTEL_METRICS_EXPORTER: "none" }, 0],
  ["there is to be none, whatever else is named", { OTEL_METRICS_EXPORTER: "otlp,none" }, 0],
  ["another exporter is named", { OTEL_METRICS_EXPORTER: "prometheus" }, 0],
])("where %s, as many readers export as the variables say", (_what, env, count) => {
  expect(pushReaders(env)).toHaveLength(count);
});
