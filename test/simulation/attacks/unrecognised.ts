import type { Random } from "../../chaos/random.ts";
import type { Caller } from "../callers.ts";
import type { Context, Observation } from "../observation.ts";
import { introspected } from "../observe.ts";
import { between } from "../seeded.ts";

/** Tokens that no server recognises, one every `gap` milliseconds or so. */
export function unrecognised(
  random: Random,
  burst: {
    outcome: "malformed" | "bad_signature" | "unknown_key";
    from: number;
    count: number;
    gap: number;
    by: () => Caller;
    context: () => Context;
    keyId?: (at: number) => string;
  },
): Observation[] {
  let at = burst.from;
  return Array.from({ length: burst.count }, () => {
    at += between(random, Math.ceil(burst.gap / 2), Math.ceil(burst.gap * 1.5));
    const header = burst.keyId === undefined ? {} : { keyId: burst.keyId(at) };
    return introspected(random, { at, by: burst.by(), context: burst.context(), ...header }, burst.outcome);
  });
}
