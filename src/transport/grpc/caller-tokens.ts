import { createHash } from "node:crypto";
import type { CallerToken } from "../../core/verify-caller-token.ts";

export type VerifyCallerToken = (token: string) => Promise<CallerToken | undefined>;

/** Bounded: who fills it makes others' tokens be verified again, and nothing worse. */
const GREATEST_COUNT = 1_024;
const REMEMBERED_MS = 10_000;

/**
 * Verifies a token once in ten seconds, and at once for calls that come together with it; what is not good is forgotten. Whether it
 * has expired meanwhile is for each call to see.
 */
export function rememberedTokens(verify: VerifyCallerToken): VerifyCallerToken {
  const known = new Map<string, { verified: Promise<CallerToken | undefined>; until: number }>();

  return async (token) => {
    // Not under the token itself: a dump of the memory need not hold it.
    const name = createHash("sha256").update(token).digest("base64");
    const remembered = known.get(name);
    if (remembered !== undefined && performance.now() < remembered.until) return remembered.verified;
    const entry = { verified: verify(token), until: performance.now() + REMEMBERED_MS };
    known.delete(name);
    known.set(name, entry);
    forgetOldest(known);
    const forget = (): void => {
      if (known.get(name) === entry) known.delete(name);
    };
    entry.verified.then((found) => found ?? forget(), forget);
    return entry.verified;
  };
}

function forgetOldest(known: Map<string, unknown>): void {
  if (known.size <= GREATEST_COUNT) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
