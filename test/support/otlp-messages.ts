/** What is sent over OTLP, decoded with the protocol's own protos and with none of the SDK's code. */
import { fileURLToPath } from "node:url";
import type { MethodDefinition } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { z } from "zod";

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
export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  attributes: Attributes;
  events: { name: string; attributes: Attributes }[];
  links: { traceId: string; spanId: string }[];
};

/** The services of a collector. */
export const OTLP_PARTS = ["logs", "trace", "metrics"] as const;
export type OtlpPart = (typeof OTLP_PARTS)[number];

const value: z.ZodType = z.looseObject({}).transform(plainValue);
const attributes = z
  .array(z.object({ key: z.string(), value: value.optional() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])));
const id = z
  .instanceof(Uint8Array)
  .default(Buffer.alloc(0))
  .transform((bytes) => Buffer.from(bytes).toString("hex"));
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
  parent_span_id: id,
  name: z.string(),
  attributes,
  events: z.array(z.object({ name: z.string(), attributes })).default([]),
  links: z
    .array(
      z
        .object({ trace_id: id, span_id: id })
        .transform(({ trace_id: traceId, span_id: spanId }) => ({ traceId, spanId })),
    )
    .default([]),
});
const point = z.object({ attributes, as_double: z.number().default(0), as_int: z.number().default(0) });
const metric = z.object({ name: z.string(), sum: z.object({ data_points: z.array(point) }).optional() });
const logs = z.object({
  resource_logs: z.array(z.object({ scope_logs: z.array(z.object({ log_records: z.array(logRecord) })) })),
});
const traces = z.object({
  resource_spans: z.array(z.object({ scope_spans: z.array(z.object({ spans: z.array(span) })) })),
});
const metrics = z.object({
  resource_metrics: z.array(z.object({ scope_metrics: z.array(z.object({ metrics: z.array(metric) })) })),
});

const SAMPLED = 1;
const definitions = loadSync(
  OTLP_PARTS.map((part) => `opentelemetry/proto/collector/${part}/v1/${part}_service.proto`),
  {
    includeDirs: [fileURLToPath(new URL("opentelemetry-proto", import.meta.url))],
    keepCase: true,
    longs: Number,
  },
);

/** The one method of a part's service. */
export function exportMethod(part: OtlpPart): MethodDefinition<object, object> {
  const name = `${part.charAt(0).toUpperCase()}${part.slice(1)}Service`;
  const service = definitions[`opentelemetry.proto.collector.${part}.v1.${name}`];
  const method = service === undefined || !isService(service) ? undefined : service["Export"];
  if (method === undefined) throw new Error(`the protos of OTLP have no ${name}`);
  return method;
}

export function logEventsOf(message: unknown): ExportedLogEvent[] {
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

export function spansOf(message: unknown): ReceivedSpan[] {
  const spans = traces
    .parse(message)
    .resource_spans.flatMap(({ scope_spans: scopes }) => scopes.flatMap(({ spans: all }) => all));
  return spans.map(({ trace_id: traceId, span_id: spanId, parent_span_id: parentSpanId, ...rest }) => ({
    traceId,
    spanId,
    parentSpanId,
    ...rest,
  }));
}

/** The points of a counter, by one of its attributes. */
export function pointsOf(message: unknown, name: string, by: string): [string, number][] {
  const all = metrics
    .parse(message)
    .resource_metrics.flatMap(({ scope_metrics: scopes }) => scopes.flatMap(({ metrics: found }) => found));
  const points = all.filter((one) => one.name === name).flatMap(({ sum }) => sum?.data_points ?? []);
  return points.map((each) => [String(each.attributes[by]), each.as_double + each.as_int]);
}

/** The one field of it that is there. */
function plainValue(any: Record<string, unknown>): unknown {
  const [only] = Object.values(any);
  const list = z.object({ values: z.array(value).default([]) }).safeParse(only);
  return list.success ? list.data.values : only;
}

function isService(definition: object): definition is ServiceDefinition {
  return !("format" in definition);
}
