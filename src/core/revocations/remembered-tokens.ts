import type { Recognised } from "../recognised.ts";
import { tokenDigest } from "../token/token-digest.ts";
import { estimatedBytes } from "./memory-estimate.ts";

/**
 * Tokens that were verified, for as long as there is room. Those that were recalled least recently go first. Whoever recalls one
 * checks that what admitted it is still in use.
 */
export type RememberedTokens = {
  readonly size: number;
  /** Estimated, without what admitted them, which many share. */
  readonly bytes: number;
  /** Digests the whole token: its length must have been bounded. */
  get(token: string): Recognised | undefined;
  /**
   * In place of what was remembered of this token. One that alone takes more than all may is not remembered.
   * @returns what is remembered, or else what was given
   */
  remember(token: string, recognised: Recognised): Recognised;
};

/** In a ring by recency. Its end, which stands for no token, is between the most and the least recent. */
type Link = { digest: string; older: Link | undefined; newer: Link | undefined };
type Kept = Link & { token: Recognised; bytes: number };

/** Of the digest, the links and the place in the map. */
const OVERHEAD = 300;

export function rememberedTokens(limits: { entries: number; bytes: number }): RememberedTokens {
  const kept = new Map<string, Kept>();
  const end = newRing();
  let bytes = 0;

  const drop = (digest: string): void => {
    const dropped = kept.get(digest);
    if (dropped === undefined) return;
    kept.delete(digest);
    unlink(dropped);
    bytes -= dropped.bytes;
  };

  return {
    get size() {
      return kept.size;
    },
    get bytes() {
      return bytes;
    },
    get: (token) => {
      const found = kept.size === 0 ? undefined : kept.get(tokenDigest(token));
      if (found === undefined) return undefined;
      unlink(found);
      linkNewest(end, found);
      return found.token;
    },
    remember: (token, given) => {
      const { admission, ...recognised } = given;
      const digest = tokenDigest(token);
      drop(digest);
      // The claims once more, as they will be answered.
      const needed = OVERHEAD + estimatedBytes(recognised) + estimatedBytes(recognised.claims);
      if (needed > limits.bytes || limits.entries < 1) return given;
      while (kept.size >= limits.entries || bytes + needed > limits.bytes) drop(end.newer?.digest ?? "");
      const known = { ...recognised, admission, isRemembered: true, unnamedAt: undefined, encoded: undefined };
      const added: Kept = { digest, token: known, bytes: needed, older: undefined, newer: undefined };
      kept.set(digest, added);
      linkNewest(end, added);
      bytes += needed;
      return known;
    },
  };
}

function newRing(): Link {
  const end: Link = { digest: "", older: undefined, newer: undefined };
  end.older = end;
  end.newer = end;
  return end;
}

function unlink({ older, newer }: Link): void {
  if (older !== undefined) older.newer = newer;
  if (newer !== undefined) newer.older = older;
}

function linkNewest(end: Link, link: Link): void {
  link.older = end.older;
  link.newer = end;
  if (end.older !== undefined) end.older.newer = link;
  end.older = link;
}
