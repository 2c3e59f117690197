import type { Revocation } from "../gen/assay/v1/token_service.ts";

/** One thing by which a revocation can name a token, and when that was born, in milliseconds since the epoch. */
export type NamedBy = { digest: string; bornAtMs: number };

/** All revocations that are alive, as far as they were told. */
export type LiveRevocations = {
  /** @throws Error for what is no revocation; RangeError where there are too many */
  put(revocation: Revocation): void;
  nameOneOf(marks: readonly NamedBy[]): boolean;
  /** Drops what has long expired. `now` in milliseconds of the store's time. */
  sweep(now: number): void;
  clear(): void;
};

type Held = { cutOff: number; keepUntil: number };

const DIGEST_BYTES = 16;
/** So that no two clocks are compared to the second. */
const MARGIN_MS = 60_000;

export function liveRevocations(greatest: number): LiveRevocations {
  const held = new Map<string, Held>();
  let sweptAt = 0;
  return {
    put({ digest, born_at_or_before_ms: cutOff = Infinity, expires_at_ms: keepUntil = Infinity }) {
      if (digest.length !== DIGEST_BYTES) throw new Error("the service told a revocation without a digest");
      const name = nameOf(digest);
      const before = held.get(name);
      if (before === undefined && held.size >= greatest)
        throw new RangeError(`there are more than ${greatest} live revocations: raise cache.maxRevocations`);
      // Told again it only becomes stronger.
      held.set(name, {
        cutOff: Math.max(cutOff, before?.cutOff ?? -Infinity),
        keepUntil: Math.max(keepUntil, before?.keepUntil ?? -Infinity),
      });
    },
    nameOneOf: (marks) =>
      marks.some(({ digest, bornAtMs }) => {
        const found = held.get(digest);
        return found !== undefined && bornAtMs <= found.cutOff;
      }),
    sweep(now) {
      if (now < sweptAt + MARGIN_MS) return;
      sweptAt = now;
      for (const [name, { keepUntil }] of held) if (keepUntil + MARGIN_MS < now) held.delete(name);
    },
    clear: () => held.clear(),
  };
}

/** A digest as a key. */
export function nameOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString("latin1");
}
