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

/**
 * Takes one call, or so many at once, or none of them.
 * @throws AssayError `rate_limited`, saying when they will be taken
 */
export type Admit = (caller: Caller, calls?: number) => void;

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

  return ({ name }, calls = 1) => {
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
    if (calls > bucket.burst) throw tooManyAtOnce(name, bucket, calls);
    if (bucket.tokens < calls - ROUNDING) throw tooOften(name, bucket, calls);
    bucket.tokens -= calls;
  };
}

function tooOften(name: string, { tokens, callsPerSecond }: Bucket, calls: number): AssayError {
  return new AssayError(
    "rate_limited",
    `the caller '${name}' calls more often than ${callsPerSecond} times a second: wait as RetryInfo says, or raise its calls_per_second`,
    { retryAfterMs: Math.ceil(((calls - tokens) / callsPerSecond) * 1_000 - ROUNDING) },
  );
}

/** Waiting would not help. */
function tooManyAtOnce(name: string, { burst }: Bucket, calls: number): AssayError {
  return new AssayError(
    "rate_limited",
    `the caller '${name}' asks ${calls} things at once, and may ask ${burst}: ask them in parts, or raise its burst`,
  );
}
