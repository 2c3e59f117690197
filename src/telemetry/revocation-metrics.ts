import { metrics } from "@opentelemetry/api";
import { METRICS, SCOPE } from "./attributes.ts";

/** A day, in milliseconds. */
const GREATEST_STALENESS_MS = 86_400_000;

/** What the view says of itself. */
export type ViewFacts = {
  /** Live revocations, and the memory that they take. */
  size(): { entries: number; bytes: number };
  /** Milliseconds since the last proof that none is missing; Infinity before the first. */
  staleForMs(): number;
};

/** Take it after telemetry has started. */
export function followView(view: ViewFacts): void {
  const meter = metrics.getMeter(SCOPE);
  const entries = meter.createObservableGauge(METRICS.revocations, {
    unit: "{revocation}",
    description: "Live revocations that this instance knows.",
  });
  const bytes = meter.createObservableGauge(METRICS.revocationMemory, {
    unit: "By",
    description: "Memory of the live revocations.",
  });
  const staleness = meter.createObservableGauge(METRICS.revocationStaleness, {
    unit: "s",
    description: "Time since it was last proved that no revocation is missing.",
  });
  meter.addBatchObservableCallback(
    (result) => {
      const size = view.size();
      result.observe(entries, size.entries);
      result.observe(bytes, size.bytes);
      const staleForMs = view.staleForMs();
      // While nothing is proved it is as old as can be said, so that an alarm on it fires.
      result.observe(staleness, Math.min(staleForMs, GREATEST_STALENESS_MS) / 1_000);
    },
    [entries, bytes, staleness],
  );
}
