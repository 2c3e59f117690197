import { metrics } from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

/** Counts introspections by outcome, wherever they come from. As many outcomes as there are reasons. */
export type CountIntrospections = (outcome: string, count: number) => void;

export const uncounted: CountIntrospections = () => undefined;

/** Sums here and tells when it is asked, which costs an introspection next to nothing. Take it after telemetry has started. */
export function introspectionCounter(): CountIntrospections {
  const sums = new Map<string, number>();
  metrics
    .getMeter(SCOPE)
    .createObservableCounter(METRICS.introspections, { description: "Introspections by outcome." })
    .addCallback((result) => {
      for (const [outcome, sum] of sums) result.observe(sum, { [ATTRIBUTES.outcome]: outcome });
    });
  return (outcome, count) => void sums.set(outcome, (sums.get(outcome) ?? 0) + count);
}
