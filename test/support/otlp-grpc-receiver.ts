/** A receiver of OTLP over gRPC, as a collector is one, stopped when the test has finished. It decodes with none of the SDK's code. */
import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { recordEmitted } from "./leaks/record.ts";
import type { Emitted } from "./leaks/run-directory.ts";

type Attributes = Record<string, unknown>;
export type ExportedLogEvent = {
  name: string;
  severity: number;
  severityText: string;
  traceId: string;
  spanId: string;
  /** Whether the call that it comes from is sampled. */
  isSampled: boolean;
  attributes: Attributes;
};
type ReceivedSpan = {
  traceId: string;
  spanId: string;
  name: string;
  attributes: Attributes;
  events: { name: string; attributes: Attributes }[];
};

export type OtlpGrpcReceiver = {
  /** For `telemetry.otlp_endpoint`. */
  endpoint: string;
  logEvents(): ExportedLogEvent[];
  spans(): ReceivedSpan[];
  /** A counter as it was told last, by one of its attributes. */
  counted(name: string, by: string): Record<string, number>;
  /** Every message it was sent, as its bytes. */
  everything(): string;
  /** From now on it takes what it is sent and says nothing. */
  freeze(): void;
  /** From now on it takes nothing: UNAVAILABLE, as when there is none. */
  refuse(): void;
  /** How often it has refused something of log events. */
  refusals(): number;
  /** It goes on, and answers what it has been sent. */
  thaw(): void;
};

const value: z.ZodType = z.looseObject({}).transform(plainValue);
const attributes = z
  .array(z.object({ key: z.string(), value: value.optional() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])));
const id = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString("hex"));
const logRecord = z.object({
  severity_number: z.number(),
  severity_text: z.string(),
  attributes,
  flags: z.number().default(0),
  trace_id: id,
  span_id: id,
  event_name: z.string(),
});
const span = z.object({
  trace_id: id,
  span_id: id,
  name: z.string(),
  attributes,
  events: z.array(z.object({ name: z.string(), attributes })).default([]),
});
const metric = z.object({
  name: z.string(),
  sum: z
    .object({
      data_points: z.array(z.object({ attributes, as_double: z.number().default(0), as_int: z.number().default(0) })),
    })
    .optional(),
});
const logs = z.object({
  resource_logs: z.array(z.object({ scope_logs: z.array(z.object({ log_records: z.array(logRecord) })) })),
});
const traces = z.object({
  resource_spans: z.array(z.object({ scope_spans: z.array(z.object({ spans: z.array(span) })) })),
});
const metrics = z.object({
  resource_metrics: z.array(z.object({ scope_metrics: z.array(z.object({ metrics: z.array(metric) })) })),
});

const PARTS = ["logs", "trace", "metrics"] as const;
type Part = (typeof PARTS)[number];
const SERVICES: Readonly<Record<Part, { service: string; message: string; emitted: Emitted }>> = {
  logs: { service: "logs.v1.LogsService", message: "otlp.Logs", emitted: "OTLP logs" },
  trace: { service: "trace.v1.TraceService", message: "otlp.Traces", emitted: "spans" },
  metrics: { service: "metrics.v1.MetricsService", message: "otlp.Metrics", emitted: "metrics" },
};
const SAMPLED = 1;
const EMPTY = Buffer.alloc(0);
const definitions = loadSync(fileURLToPath(new URL("otlp.proto", import.meta.url)), { keepCase: true, longs: Number });

export async function startOtlpGrpcReceiver(): Promise<OtlpGrpcReceiver> {
  const received: { part: Part; bytes: Buffer }[] = [];
  const held: (() => void)[] = [];
  let state: "well" | "frozen" | "refusing" = "well";
  let refusals = 0;
  const server = new Server();
  for (const part of PARTS) {
    const take = ({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
      recordEmitted(SERVICES[part].emitted, request);
      if (state === "refusing") {
        if (part === "logs") refusals += 1;
        answer({ code: status.UNAVAILABLE });
        return;
      }
      received.push({ part, bytes: request });
      if (state === "frozen") held.push(() => answer(null, EMPTY));
      else answer(null, EMPTY);
    };
    server.addService({ export: exportMethod(SERVICES[part].service) }, { export: take });
  }
  onTestFinished(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const messages = (part: Part): unknown[] =>
    received.filter((one) => one.part === part).map(({ bytes }) => decode(SERVICES[part].message, bytes));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    logEvents: () => messages("logs").flatMap(logEventsOf),
    spans: () => messages("trace").flatMap(spansOf),
    counted: (name, by) => Object.fromEntries(messages("metrics").flatMap((message) => pointsOf(message, name, by))),
    everything: () => received.map(({ bytes }) => bytes.toString("latin1")).join("\n"),
    freeze() {
      state = "frozen";
    },
    refuse() {
      state = "refusing";
    },
    refusals: () => refusals,
    thaw() {
      state = "well";
      for (const answer of held.splice(0)) answer();
    },
  };
}

function exportMethod(service: string) {
  return {
    path: `/opentelemetry.proto.collector.${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
}

function pass(bytes: Buffer): Buffer {
  return bytes;
}

function decode(name: string, bytes: Buffer): unknown {
  const definition = definitions[name];
  if (definition === undefined || !isMessage(definition)) throw new Error(`otlp.proto has no message ${name}`);
  return definition.deserialize(bytes);
}

function isMessage(definition: object): definition is MessageTypeDefinition<object, object> {
  return "format" in definition && "deserialize" in definition;
}

function logEventsOf(message: unknown): ExportedLogEvent[] {
  const records = logs
    .parse(message)
    .resource_logs.flatMap(({ scope_logs: scopes }) => scopes.flatMap(({ log_records: all }) => all));
  return records.map((one) => ({
    name: one.event_name,
    severity: one.severity_number,
    severityText: one.severity_text,
    traceId: one.trace_id,
    spanId: one.span_id,
    isSampled: (one.flags & SAMPLED) === SAMPLED,
    attributes: one.attributes,
  }));
}

function spansOf(message: unknown): ReceivedSpan[] {
  const spans = traces
    .parse(message)
    .resource_spans.flatMap(({ scope_spans: scopes }) => scopes.flatMap(({ spans: all }) => all));
  return spans.map(({ trace_id: traceId, span_id: spanId, ...rest }) => ({ traceId, spanId, ...rest }));
}

function pointsOf(message: unknown, name: string, by: string): [string, number][] {
  const all = metrics
    .parse(message)
    .resource_metrics.flatMap(({ scope_metrics: scopes }) => scopes.flatMap(({ metrics: found }) => found));
  const points = all.filter((one) => one.name === name).flatMap(({ sum }) => sum?.data_points ?? []);
  return points.map((point) => [String(point.attributes[by]), point.as_double + point.as_int]);
}

/** The one field of it that is there. */
function plainValue(any: Record<string, unknown>): unknown {
  const [only] = Object.values(any);
  const list = z.object({ values: z.array(value).default([]) }).safeParse(only);
  return list.success ? list.data.values : only;
}
