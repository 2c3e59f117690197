import { metrics } from "@opentelemetry/api";
import { AssayError } from "../core/error.ts";
import type { Trace } from "../core/ports.ts";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

const SECONDS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
/** What the names of spans begin with. */
const SUBJECT = /^assay\.(?:store|authority)\./;

/**
 * The same trace, which also measures how long each question to a store or an authority takes, whether or not its call is sampled. The
 * names of operations are constants of the code, and errors are named by their code alone. Take it after telemetry has started.
 */
export function timedTrace(trace: Trace, kind: "sqlite" | "redis" | "authority"): Trace {
  const duration = metrics.getMeter(SCOPE).createHistogram(METRICS.storeDuration, {
    unit: "s",
    description: "How long questions to the store, or to an authority, take.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  return async (name, attributes, work) => {
    const started = performance.now();
    const facts = { [ATTRIBUTES.storeKind]: kind, [ATTRIBUTES.storeOperation]: name.replace(SUBJECT, "") };
    const seconds = (): number => (performance.now() - started) / 1_000;
    try {
      const result = await trace(name, attributes, work);
      duration.record(seconds(), facts);
      return result;
    } catch (error) {
      const type = error instanceof AssayError ? error.code : "other";
      duration.record(seconds(), { ...facts, [ATTRIBUTES.errorType]: type });
      throw error;
    }
  };
}
