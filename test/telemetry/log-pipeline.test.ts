import { expect, onTestFinished, test } from "vitest";
import { logPipeline } from "../../src/telemetry/log-pipeline.ts";

const UNCOUNTED = { lost: () => undefined, exported: () => undefined, end: () => undefined };

test.each<[string, Record<string, string>, boolean]>([
  ["nothing is said", {}, true],
  ["OTLP is asked for over gRPC", { OTEL_LOGS_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, true],
  ["OTLP is asked for as JSON", { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, true],
  [
    "log events have a protocol of their own",
    { OTEL_EXPORTER_OTLP_PROTOCOL: "x", OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/protobuf" },
    true,
  ],
  ["none is wanted", { OTEL_LOGS_EXPORTER: "none" }, false],
  ["the console is wanted", { OTEL_LOGS_EXPORTER: "console" }, false],
  ["the protocol does not exist", { OTEL_EXPORTER_OTLP_PROTOCOL: "carrier pigeon" }, false],
  ["a file says everything", { OTEL_CONFIG_FILE: "otel.yaml" }, false],
])("when %s, the pipeline is ours to count or the SDK's to make", (_when, env, isOurs) => {
  const pipeline = logPipeline(UNCOUNTED, env);
  onTestFinished(() => pipeline?.processor.shutdown());
  expect(pipeline !== undefined).toBe(isOurs);
});
