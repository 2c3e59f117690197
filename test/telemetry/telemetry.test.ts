import { expect, onTestFinished, test } from "vitest";
import { startTelemetry, type TelemetryOptions } from "../../src/telemetry/telemetry.ts";

const SILENT = { warn: () => undefined, error: () => undefined };
const OPTIONS: TelemetryOptions = {
  enabled: undefined,
  otlpEndpoint: undefined,
  isScraped: false,
  sampleRatio: 1,
  serviceName: "assay",
  log: SILENT,
};

test.each<[string, Partial<TelemetryOptions>, Record<string, string>, boolean]>([
  ["nothing asks for it", {}, {}, false],
  ["an unrelated variable is set", {}, { OTEL_SERVICE_NAME: "x" }, false],
  ["a variable is set to nothing", {}, { OTEL_TRACES_EXPORTER: "" }, false],
  ["a standard exporter variable is set", {}, { OTEL_TRACES_EXPORTER: "none" }, true],
  ["a standard endpoint variable is set", {}, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }, true],
  ["the configuration names an endpoint", { otlpEndpoint: "http://127.0.0.1:1" }, {}, true],
  [
    "the configuration turns it off",
    { enabled: false, otlpEndpoint: "http://127.0.0.1:1" },
    { OTEL_TRACES_EXPORTER: "otlp" },
    false,
  ],
  ["the configuration turns it on", { enabled: true }, {}, true],
  ["metrics are to be asked for", { isScraped: true }, {}, true],
  ["metrics are to be asked for and the configuration turns it off", { isScraped: true, enabled: false }, {}, false],
])("when %s, telemetry is as asked", async (_when, options, env, isOn) => {
  const telemetry = await startTelemetry({ ...OPTIONS, ...options }, env);
  onTestFinished(() => telemetry.stop());
  expect(telemetry.isOn).toBe(isOn);
});
