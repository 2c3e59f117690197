import { metrics } from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

/** What is reported of security events: what became of each, by receiver, and how many wait. */
export type SecurityEventMetrics = {
  told(receiver: string, outcome: string): void;
  follow(receiver: string, waiting: () => number): void;
};

/** Take it after telemetry has started. */
export function securityEventMetrics(): SecurityEventMetrics {
  const meter = metrics.getMeter(SCOPE);
  const told = meter.createCounter(METRICS.securityEvents, {
    description: "Security events by receiver and what became of them.",
  });
  const queues = new Map<string, () => number>();
  meter
    .createObservableGauge(METRICS.securityEventsWaiting, {
      description: "Security events that a receiver is still to be told.",
    })
    .addCallback((result) => {
      for (const [receiver, waiting] of queues) result.observe(waiting(), { [ATTRIBUTES.receiver]: receiver });
    });
  return {
    told: (receiver, outcome) => told.add(1, { [ATTRIBUTES.receiver]: receiver, [ATTRIBUTES.outcome]: outcome }),
    follow: (receiver, waiting) => void queues.set(receiver, waiting),
  };
}
