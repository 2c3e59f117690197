/** A receiver of OTLP over HTTP as JSON (opentelemetry-proto, `http/json`), stopped when the test has finished. */
import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { recordEmitted } from "./leaks/record.ts";
import type { Emitted } from "./leaks/run-directory.ts";

export type ExportedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: number;
  attributes: Record<string, unknown>;
  /** 2 is an error. */
  status: number;
  events: { name: string; attributes: Record<string, unknown> }[];
};

export type OtlpReceiver = {
  /** For `telemetry.otlp_endpoint`, with OTEL_EXPORTER_OTLP_PROTOCOL=http/json. */
  endpoint: string;
  spans(): ExportedSpan[];
  /** A counter as it was told last, by one of its attributes. */
  counted(name: string, by: string): Record<string, number>;
  /** Every body it was sent. */
  everything(): string;
};

const EMITTED: Readonly<Record<string, Emitted>> = { "/v1/traces": "spans", "/v1/metrics": "metrics" };
const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const attributes = z.array(attribute).default([]).transform(plain);
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes,
  status: z.object({ code: z.number().default(0) }).transform(({ code }) => code),
  events: z.array(z.object({ name: z.string(), attributes })).default([]),
});
const traces = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});

const point = z.object({ attributes, asDouble: z.number() });
const metric = z.object({ name: z.string(), sum: z.object({ dataPoints: z.array(point) }).optional() });
const metrics = z.object({
  resourceMetrics: z.array(z.object({ scopeMetrics: z.array(z.object({ metrics: z.array(metric) })) })),
});

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const bodies: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [path, body] = [request.url ?? "", Buffer.concat(chunks).toString()];
      bodies.push({ path, body });
      recordEmitted(EMITTED[path] ?? "OTLP logs", body);
      response.setHeader("content-type", "application/json").end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans: () => bodies.filter(({ path }) => path === "/v1/traces").flatMap(({ body }) => spansOf(body)),
    counted: (name, by) => {
      const sent = bodies.filter(({ path }) => path === "/v1/metrics").flatMap(({ body }) => pointsOf(body, name));
      return Object.fromEntries(sent.map((one) => [String(one.attributes[by]), one.asDouble]));
    },
    everything: () => bodies.map(({ body }) => body).join("\n"),
  };
}

function spansOf(body: string): ExportedSpan[] {
  const { resourceSpans } = traces.parse(JSON.parse(body));
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((one) => ({ ...one, parentSpanId: one.parentSpanId || undefined }))),
  );
}

function pointsOf(body: string, name: string): z.infer<typeof point>[] {
  const { resourceMetrics } = metrics.parse(JSON.parse(body));
  const all = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return all.filter((one) => one.name === name).flatMap(({ sum }) => sum?.dataPoints ?? []);
}

function plain(list: z.infer<typeof attribute>[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
}
