import { type Selector, selectorDigest, selectorDigestText, selectorsOf } from "../selector.ts";
import type { Origin } from "../token/verified-token.ts";

/** Everything by which a revocation could name a token or what it came from: so many digests, each with the birth of what it names. */
export type Marks = {
  /** 16 bytes each: see `selectorDigest`. */
  digests: Buffer;
  /** Milliseconds. */
  births: Float64Array;
};

export const DIGEST_LENGTH = 16;

/** What two origins share is judged by the earlier birth. */
export function marksOf(key: Buffer, origins: readonly Origin[]): Marks {
  const named = new Map<string, number>();
  for (const origin of origins) {
    for (const selector of selectorsOf(origin)) {
      const digest = selectorDigestText(key, selector);
      named.set(digest, Math.min(origin.birth, named.get(digest) ?? origin.birth));
    }
  }
  // Memory of their own: a piece of a pool that is shared would keep the whole of it, for as long as the token is remembered.
  const digests = Buffer.allocUnsafeSlow(named.size * DIGEST_LENGTH);
  digests.write([...named.keys()].join(""), "latin1");
  return { digests, births: Float64Array.from(named.values()) };
}

/** For what has no birth: only an absolute revocation names it. */
export function markOf(key: Buffer, selector: Selector): Marks {
  return { digests: selectorDigest(key, selector), births: Float64Array.of(Infinity) };
}
