import { type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Trace } from "../core/ports.ts";
import { ATTRIBUTES, SCOPE } from "./attributes.ts";

export const untraced: Trace = (_name, _attributes, work) => work();

/** Work under spans that nest. Take it after telemetry has started. */
export function spanTrace(): Trace {
  const tracer = trace.getTracer(SCOPE);
  return (name, attributes, work) => {
    // Of a call that is not sampled no part is: a span that records nothing costs as much as the work of many a part.
    if (trace.getActiveSpan()?.isRecording() === false) return work();
    return tracer.startActiveSpan(name, { attributes: { ...attributes } }, async (span) => {
      try {
        return await work();
      } catch (error) {
        markFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  };
}

/** The kind of the error and no more: a message could hold anything. */
function markFailed(span: Span, error: unknown): void {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  span.setAttribute(ATTRIBUTES.errorType, code ?? (error instanceof Error ? error.name : typeof error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}
