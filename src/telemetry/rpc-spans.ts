import {
  type Attributes,
  type Context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";
import { fewReasons } from "./few-reasons.ts";

/** How a call ended, by gRPC's name of its status. */
export type RpcEnd = {
  status: string;
  reason?: string | undefined;
  outcome?: string | undefined;
  caller?: string | undefined;
};

/** `path` is service and method; `header` reads the metadata that carries the caller's trace context (W3C Trace Context). */
export type RpcCall = { method: string; path: string; header(name: string): string | undefined };

export type ObserveRpcs = <End extends RpcEnd>(call: RpcCall, work: () => End | Promise<End>) => End | Promise<End>;

/** Statuses that are the server's fault, by OpenTelemetry's conventions for gRPC. */
const FAULTS: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);
const SECONDS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

const SERVER = { kind: SpanKind.SERVER };

export const unobserved: ObserveRpcs = (_call, work) => work();

/** A server span for each call, a child of the caller's, and the metrics of calls. Take it after telemetry has started. */
export function rpcSpans(): ObserveRpcs {
  const tracer = trace.getTracer(SCOPE);
  const meter = metrics.getMeter(SCOPE);
  const duration = meter.createHistogram(METRICS.rpcDuration, {
    unit: "s",
    description: "How long calls take.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const errors = meter.createCounter(METRICS.rpcErrors, {
    description: "Calls that were refused or failed, by reason.",
  });
  const known = fewReasons();

  return (call, work) => {
    const facts = { [ATTRIBUTES.rpcSystem]: "grpc", [ATTRIBUTES.rpcMethod]: call.path };
    const started = performance.now();
    const finished = <End extends RpcEnd>(span: Span, end: End): End => {
      const result = {
        ...facts,
        [ATTRIBUTES.rpcStatus]: end.status,
        ...(isFault(end) ? { [ATTRIBUTES.errorType]: end.status } : undefined),
      };
      duration.record((performance.now() - started) / 1_000, result);
      if (end.reason !== undefined) {
        errors.add(1, { [ATTRIBUTES.rpcMethod]: call.path, [ATTRIBUTES.reason]: known(end.reason) });
      }
      finish(span, end, result);
      return end;
    };
    return tracer.startActiveSpan(call.path, SERVER, parentOf(call), (span) => {
      const end = work();
      return end instanceof Promise ? end.then((ended) => finished(span, ended)) : finished(span, end);
    });
  };
}

/** Without `tracestate`, which would be exported with the span and may hold anything (W3C Trace Context section 3.3). */
function parentOf(call: RpcCall): Context {
  if (call.header("traceparent") === undefined) return ROOT_CONTEXT;
  const get = (from: RpcCall, name: string) => (name === "tracestate" ? undefined : from.header(name));
  return propagation.extract(ROOT_CONTEXT, call, { get, keys: () => [] });
}

function isFault({ status }: RpcEnd): boolean {
  return FAULTS.has(status);
}

function finish(span: Span, end: RpcEnd, result: Attributes): void {
  if (!span.isRecording()) return;
  span.setAttributes(result);
  if (end.caller !== undefined) span.setAttribute(ATTRIBUTES.caller, end.caller);
  if (end.outcome !== undefined) span.setAttribute(ATTRIBUTES.outcome, end.outcome);
  if (end.reason !== undefined) span.setAttribute(ATTRIBUTES.reason, end.reason);
  if (isFault(end)) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
