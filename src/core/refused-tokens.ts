import { randomBytes } from "node:crypto";
import { hmacSha256 } from "./hmac.ts";
import type { InactiveReason } from "./inactive-reason.ts";

/** JWTs refused a moment ago, so that one bad token sent again and again costs one check of its signature. */
export type RefusedTokens = {
  /** `now` in milliseconds. */
  reasonFor(token: string, now: number): InactiveReason | undefined;
  remember(token: string, reason: InactiveReason, now: number): void;
};

/** What no new key, claim or moment mends within seconds: everything else is judged anew each time. */
const LASTING: ReadonlySet<InactiveReason> = new Set([
  "malformed",
  "header_not_allowed",
  "algorithm_not_allowed",
  "bad_signature",
]);
const CAPACITY = 4_096;
const KEPT_MS = 5_000;

export function refusedTokens(): RefusedTokens {
  const key = randomBytes(32);
  const refused = new Map<string, { reason: InactiveReason; until: number }>();
  const digestOf = (token: string): string => hmacSha256(key, token);

  return {
    reasonFor: (token, now) => {
      if (refused.size === 0) return undefined;
      const known = refused.get(digestOf(token));
      // A clock that was set back must not keep it longer.
      return known !== undefined && now < known.until && now >= known.until - KEPT_MS ? known.reason : undefined;
    },
    remember: (token, reason, now) => {
      if (!LASTING.has(reason)) return;
      const digest = digestOf(token);
      refused.delete(digest);
      refused.set(digest, { reason, until: now + KEPT_MS });
      const [oldest] = refused.keys();
      if (refused.size > CAPACITY && oldest !== undefined) refused.delete(oldest);
    },
  };
}
