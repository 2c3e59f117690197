import { expect, test } from "vitest";
import { AssayError } from "../../src/core/error.ts";
import { type CallLimits, rateLimits } from "../../src/transport/grpc/call-limits.ts";
import { caller } from "../support/core-environment.ts";

function limited(limits: Partial<CallLimits> = {}) {
  let now = 0;
  const rate = { callsPerSecond: 2, burst: 3 };
  const admit = rateLimits({ callsInFlight: 1, rate, rates: new Map(), ...limits }, () => now);
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** How long to wait, in milliseconds; 0 for a call that is taken. */
    call: (name = "api", calls = 1): number | undefined => {
      try {
        admit(caller({ name }), calls);
        return 0;
      } catch (error) {
        if (error instanceof AssayError && error.code === "rate_limited") return error.retryAfterMs;
        throw error;
      }
    },
  };
}

test("as many calls as the burst are taken at once, then one in each interval", () => {
  const { call, pass } = limited();
  expect([call(), call(), call(), call()]).toEqual([0, 0, 0, 500]);
  pass(500);
  expect([call(), call()]).toEqual([0, 500]);
});

test("several at once are taken together or not at all, and never more than the burst", () => {
  const { call, pass } = limited();
  expect([call("api", 2), call("api", 2)]).toEqual([0, 500]);
  expect(call("api", 1)).toBe(0);
  pass(10_000);
  // Waiting does not help.
  expect(call("api", 4)).toBeUndefined();
  expect(call("api", 3)).toBe(0);
});

test("the delay that is named is the one after which the next call is taken", () => {
  const { call, pass } = limited();
  while (call() === 0) pass(10);
  const wait = call() ?? 0;
  pass(wait - 1);
  expect(call()).toBe(1);
  pass(1);
  expect(call()).toBe(0);
});

test("a caller that was quiet gets no more than the burst", () => {
  const { call, pass } = limited();
  call();
  pass(3_600_000);
  expect([call(), call(), call(), call()]).toEqual([0, 0, 0, 500]);
});

test("one caller's calls are not counted against another's", () => {
  const { call } = limited();
  while (call("loud") === 0);
  expect(call("quiet")).toBe(0);
});

test("a caller that has a rate of its own is held to that", () => {
  const { call } = limited({ rates: new Map([["slow", { callsPerSecond: 0.1, burst: 1 }]]) });
  expect([call("slow"), call("slow")]).toEqual([0, 10_000]);
});
