import { metrics } from "@opentelemetry/api";
import type { Clock } from "../core/ports.ts";
import type { RevocationsListener } from "../core/revocations/revocations.ts";
import { METRICS, SCOPE } from "./attributes.ts";

/** A day, in milliseconds. */
const GREATEST_STALENESS_MS = 86_400_000;
const SECONDS = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** What the view says of itself. */
export type ViewFacts = {
  /** Live revocations, and the memory that they take. */
  size(): { entries: number; bytes: number };
  /** Milliseconds since the last proof that none is missing; Infinity before the first. */
  staleForMs(): number;
  listen(listener: RevocationsListener): () => void;
};

/** @param clock the store's. Take it after telemetry has started. */
export function followView(view: ViewFacts, clock: Clock): void {
  const meter = metrics.getMeter(SCOPE);
  const propagation = meter.createHistogram(METRICS.revocationPropagation, {
    unit: "s",
    description: "How long after a revocation was written this instance applied it, where the log tells when that was.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  const record = (appendedAt: readonly (number | undefined)[]): void => {
    const now = clock.now();
    for (const time of appendedAt) {
      // The clocks may be a little apart.
      if (time !== undefined) propagation.record(Math.max(0, now - time) / 1_000);
    }
  };
  view.listen({
    logged: (entries) => record(entries.map(({ appendedAt }) => appendedAt)),
    timed: record,
    proved: () => undefined,
    doubted: () => undefined,
  });
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
