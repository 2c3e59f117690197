import { type Selector, selectorDigestText, selectorsOf } from "../selector.ts";
import type { Origin } from "../token/verified-token.ts";

/**
 * Everything by which a revocation could name a token or what it came from: so many digests, each with the birth of what it names.
 * As text and plain numbers, since many are remembered: each array of bytes costs the garbage collector several objects.
 */
export type Marks = {
  /** 16 bytes each, a character for each byte: see `selectorDigest`. */
  digests: string;
  /** Milliseconds. */
  births: readonly number[];
};

export const DIGEST_LENGTH = 16;

/** What two origins share is judged by the earlier birth. */
export function marksOf(key: Buffer, origins: readonly Origin[]): Marks {
  const [only, another] = origins;
  if (only !== undefined && another === undefined) return marksOfOne(key, only);
  const named = new Map<string, number>();
  for (const origin of origins) {
    for (const selector of selectorsOf(origin)) {
      const digest = selectorDigestText(key, selector);
      named.set(digest, Math.min(origin.birth, named.get(digest) ?? origin.birth));
    }
  }
  return { digests: [...named.keys()].join(""), births: [...named.values()] };
}

/** Most tokens came from nothing else, and no two names of one are alike. */
function marksOfOne(key: Buffer, origin: Origin): Marks {
  const selectors = selectorsOf(origin);
  let digests = "";
  for (const selector of selectors) digests += selectorDigestText(key, selector);
  return { digests, births: selectors.map(() => origin.birth) };
}

/** For what has no birth: only an absolute revocation names it. */
export function markOf(key: Buffer, selector: Selector): Marks {
  return { digests: selectorDigestText(key, selector), births: [Infinity] };
}
