/** What the instance was asked over the last minutes, sampled from what its processes count. */
import { type Outcome, outcomeOf } from "./outcomes.ts";
import { type Buckets, quantile } from "./quantile.ts";
import type { Figures, Told } from "./shown.ts";

/** One step of the plots. Rates are per second; latencies of Introspect in milliseconds, absent where it was not called. */
export type Sample = {
  /** Milliseconds since the epoch. */
  at: number;
  rates: { introspections: number; issues: number; revocations: number };
  outcomes: Readonly<Record<Outcome, number>>;
  p50?: number;
  p99?: number;
};

export type Traffic = {
  /** @param now milliseconds since the epoch */
  take(told: readonly Told[], now: number): Sample | undefined;
  /** Oldest first. */
  samples(): readonly Sample[];
};

/** With a step of two seconds: ten minutes. */
const KEPT = 300;
/** Latencies are those of so many steps together: of a few calls, quantiles jump. */
const LATENCY_STEPS = 5;
const NOTHING: Buckets = { bounds: [], counts: [] };

/** What was counted before the first time is not told. A process that ended, or starts anew, counts from nothing. */
export function traffic(): Traffic {
  const kept: Sample[] = [];
  const latencies: Buckets[] = [];
  let before = new Map<number, Figures>();
  let takenAt: number | undefined;

  return {
    samples: () => kept,
    take(told, now) {
      const known = new Map(before);
      const steps: Step[] = [];
      for (const { worker = 0, figures } of told) {
        if (figures === undefined) continue;
        const last = known.get(worker);
        if (last !== undefined) steps.push(stepOf(figures, last));
        known.set(worker, figures);
      }
      const seconds = takenAt === undefined ? undefined : (now - takenAt) / 1_000;
      [before, takenAt] = [known, now];
      if (seconds === undefined || seconds <= 0) return undefined;
      latencies.push(together(steps.map(({ latency }) => latency)));
      if (latencies.length > LATENCY_STEPS) latencies.shift();
      const sample = sampleOf(now, seconds, steps, together(latencies));
      kept.push(sample);
      if (kept.length > KEPT) kept.shift();
      return sample;
    },
  };
}

/** What one process did since it was last asked. */
type Step = { outcomes: Map<Outcome, number>; issues: number; revocations: number; latency: Buckets };

function stepOf(figures: Figures, last: Figures): Step {
  const outcomes = new Map<Outcome, number>();
  for (const [name, count] of Object.entries(figures.introspections)) {
    const outcome = outcomeOf(name);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + since(count ?? 0, last.introspections[name]));
  }
  return {
    outcomes,
    issues: callsSince(figures, last, "Issue"),
    revocations: callsSince(figures, last, "Revoke"),
    latency: latencySince(figures, last),
  };
}

function callsSince(figures: Figures, last: Figures, rpc: string): number {
  return since(callsOf(figures, rpc)?.count ?? 0, callsOf(last, rpc)?.count);
}

function latencySince(figures: Figures, last: Figures): Buckets {
  const calls = callsOf(figures, "Introspect");
  if (calls === undefined) return NOTHING;
  const earlier = callsOf(last, "Introspect");
  return { bounds: calls.bounds, counts: calls.counts.map((count, bucket) => since(count, earlier?.counts[bucket])) };
}

function callsOf({ calls }: Figures, rpc: string): Figures["calls"][number] | undefined {
  return calls.find((one) => one.rpc === rpc);
}

/** A count that has fallen began anew. */
function since(count: number, last = 0): number {
  return count >= last ? count - last : count;
}

function together(all: readonly Buckets[]): Buckets {
  const bounds = all.find((one) => one.bounds.length > 0)?.bounds ?? [];
  const counts = Array.from({ length: bounds.length + 1 }, (_, bucket) =>
    all.reduce((sum, one) => sum + (one.counts[bucket] ?? 0), 0),
  );
  return { bounds, counts };
}

function sampleOf(at: number, seconds: number, steps: readonly Step[], latency: Buckets): Sample {
  const rate = (of: (step: Step) => number): number =>
    rounded(steps.reduce((sum, step) => sum + of(step), 0) / seconds);
  const outcomeRate = (outcome: Outcome): number => rate((step) => step.outcomes.get(outcome) ?? 0);
  const [p50, p99] = [quantile(latency, 0.5), quantile(latency, 0.99)];
  const outcomes = {
    active: outcomeRate("active"),
    expired: outcomeRate("expired"),
    revoked: outcomeRate("revoked"),
    refused: outcomeRate("refused"),
    not_genuine: outcomeRate("not_genuine"),
    failed: outcomeRate("failed"),
  };
  return {
    at,
    rates: {
      introspections: rate((step) => [...step.outcomes.values()].reduce((sum, count) => sum + count, 0)),
      issues: rate((step) => step.issues),
      revocations: rate((step) => step.revocations),
    },
    outcomes,
    ...(p50 === undefined ? {} : { p50: rounded(p50 * 1_000) }),
    ...(p99 === undefined ? {} : { p99: rounded(p99 * 1_000) }),
  };
}

/** Enough for an eye, and short to send. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
