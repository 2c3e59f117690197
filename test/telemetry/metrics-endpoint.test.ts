import { createConnection } from "node:net";
import { trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { StartError } from "../../src/core/start-error.ts";
import { openMetricsEndpoint } from "../../src/telemetry/metrics-endpoint.ts";
import { startTelemetry, type TelemetryOptions } from "../../src/telemetry/telemetry.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { startServer } from "../support/server.ts";
import { metricsAddress, scrape } from "./scrape.ts";

const telemetry = { prometheus_address: "127.0.0.1:0" };
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

afterEach(() => {
  vi.unstubAllEnvs();
});

async function endpoint(collect: () => Promise<never[]> = async () => []) {
  const opened = await openMetricsEndpoint({ host: "127.0.0.1", port: 0, collect, log: LOG });
  onTestFinished(() => opened.close());
  return opened;
}

describe("the endpoint", () => {
  test.each<[string, string, number]>([
    ["GET", "/metrics", 200],
    ["GET", "/metrics?format=x", 200],
    ["GET", "/", 404],
    ["GET", "/metrics/", 404],
    ["POST", "/metrics", 405],
    ["DELETE", "/metrics", 405],
  ])("answers %s %s with %i", async (method, path, status) => {
    const { address } = await endpoint();
    const response = await fetch(`http://${address}${path}`, { method });
    await response.text();
    expect(response.status).toBe(status);
  });

  test("says what it is that it answers with", async () => {
    const { address } = await endpoint();
    const { headers } = await fetch(`http://${address}/metrics`);
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("answers 503 while metrics cannot be collected, and then goes on", async () => {
    let isBroken = true;
    const { address } = await endpoint(async () => {
      if (isBroken) throw new Error("broken");
      return [];
    });
    expect((await fetch(`http://${address}/metrics`)).status).toBe(503);
    isBroken = false;
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
  });

  test("collects once for all who ask meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<never[]>();
    let collections = 0;
    const { address } = await endpoint(() => {
      collections += 1;
      return promise;
    });
    const asking = Array.from({ length: 5 }, () => fetch(`http://${address}/metrics`));
    await vi.waitFor(() => expect(collections).toBe(1));
    resolve([]);
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test("refuses headers of more than 8 KiB", async () => {
    const { address } = await endpoint();
    const response = await fetch(`http://${address}/metrics`, { headers: { "x-long": "x".repeat(9_000) } });
    expect(response.status).toBe(431);
  });

  test("cuts off who does not finish a request", { timeout: 30_000 }, async () => {
    const { address } = await endpoint();
    const socket = createConnection({ host: "127.0.0.1", port: Number(address.split(":")[1]) });
    onTestFinished(() => void socket.destroy());
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n");
    let said = "";
    socket.setEncoding("utf8").on("data", (text: string) => (said += text));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(said).toContain("408 Request Timeout");
  });
});

describe("a start", () => {
  test.each(["0.0.0.0:0", "[::]:0", "unix:/tmp/metrics.sock"])("with metrics on %s is refused", async (address) => {
    const refused = startServer({ telemetry: { prometheus_address: address } });
    await expect(refused).rejects.toThrow(StartError);
    await expect(refused).rejects.toThrow(/telemetry\.prometheus_address/);
  });

  test("with metrics on a port in use is refused", async () => {
    const { address } = await endpoint();
    await expect(startServer({ telemetry: { prometheus_address: address } })).rejects.toThrow(
      /Cannot serve metrics on 127\.0\.0\.1:\d+: .*Set telemetry\.prometheus_address to another/,
    );
  });

  test("without an address serves none, and after the stop nobody answers", async () => {
    const without = await startServer();
    expect(without.log()).not.toContain("metrics are served");
    const server = await startServer({ telemetry });
    const address = metricsAddress(server.log());
    expect((await scrape(address)).types.size).toBeGreaterThan(0);
    await server.stop();
    await expect(fetch(`http://${address}/metrics`)).rejects.toThrow("fetch failed");
  });
});

describe("beside OTLP", () => {
  const options: TelemetryOptions = {
    enabled: undefined,
    otlpEndpoint: undefined,
    isScraped: true,
    sampleRatio: 1,
    serviceName: "assay",
    log: LOG,
  };
  beforeEach(() => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
  });

  test("both tell the same", async () => {
    const receiver = await startOtlpReceiver();
    const server = await startServer({ telemetry: { ...telemetry, otlp_endpoint: receiver.endpoint } });
    const client = server.client();
    await client.introspect({ token: "x" });
    await client.introspect({ token: "y" });
    const scraped = await scrape(metricsAddress(server.log()));
    await server.stop();
    expect(scraped.value("assay_introspections_total", { assay_outcome: "malformed" })).toBe(2);
    expect(receiver.counted("assay.introspections", "assay.outcome")).toEqual({ malformed: 2 });
    expect(receiver.spans().filter(({ name }) => name.endsWith("/Introspect"))).toHaveLength(2);
  });

  test("OTEL_METRICS_EXPORTER=none keeps metrics from being sent, and leaves them to be asked for", async () => {
    vi.stubEnv("OTEL_METRICS_EXPORTER", "none");
    const receiver = await startOtlpReceiver();
    const server = await startServer({ telemetry: { ...telemetry, otlp_endpoint: receiver.endpoint } });
    await server.client().introspect({ token: "x" });
    expect((await scrape(metricsAddress(server.log()))).value("assay_introspections_total")).toBe(1);
    await server.stop();
    expect(receiver.spans()).toHaveLength(1);
    expect(receiver.everything()).not.toContain("assay.introspections");
  });

  test("where only metrics are asked for, no span is recorded", async () => {
    const started = await startTelemetry(options, {});
    onTestFinished(() => started.stop());
    expect(trace.getTracer("test").startSpan("x").isRecording()).toBe(false);
    expect(await started.collect?.()).toEqual([]);
  });

  test("metrics that the environment forbids are refused", async () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    await expect(startTelemetry(options, {})).rejects.toThrow(/unset OTEL_SDK_DISABLED/);
  });
});
