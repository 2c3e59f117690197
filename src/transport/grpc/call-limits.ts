import type { Caller } from "../../core/caller.ts";
import { AssayError } from "../../core/error.ts";
import type { StreamLimits } from "./streams-in-flight.ts";

/** How often a caller may call, on average and at once. */
export type CallRate = { callsPerSecond: number; burst: number };

export type CallLimits = {
  /** Calls worked on at once. */
  callsInFlight: number;
  streams: StreamLimits;
  rate: CallRate;
  /** By the caller's name, in place of `rate`. */
  rates: ReadonlyMap<string, CallRate>;
};

/** @throws AssayError `rate_limited`, saying when the next call will be taken */
export type Admit = (caller: Caller) => void;

/** What sums of binary fractions may be off by. */
const ROUNDING = 1e-6;

type Bucket = CallRate & { tokens: number; filledAt: number };

/** A token bucket for each caller. `now` in milliseconds, on a clock that only goes forwards. */
export function rateLimits(
  { rate, rates }: Pick<CallLimits, "rate" | "rates">,
  now: () => number = () => performance.now(),
): Admit {
  // As many as there are configured callers.
  const buckets = new Map<string, Bucket>();

  return ({ name }) => {
    const time = now();
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      const own = rates.get(name) ?? rate;
      bucket = { ...own, tokens: own.burst, filledAt: time };
      buckets.set(name, bucket);
    }
    const gained = ((time - bucket.filledAt) / 1_000) * bucket.callsPerSecond;
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + gained);
    bucket.filledAt = time;
    if (bucket.tokens < 1 - ROUNDING) throw tooOften(name, bucket);
    bucket.tokens -= 1;
  };
}

function tooOften(name: string, { tokens, callsPerSecond }: Bucket): AssayError {
  return new AssayError(
    "rate_limited",
    `the caller '${name}' calls more often than ${callsPerSecond} times a second: wait as RetryInfo says, or raise its calls_per_second`,
    { retryAfterMs: Math.ceil(((1 - tokens) / callsPerSecond) * 1_000 - ROUNDING) },
  );
}
