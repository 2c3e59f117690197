import { AssayError } from "../core/error.ts";
import type { IssuerKeys } from "../core/ports.ts";
import type { ForeignKeySet } from "./foreign-key-set.ts";

/** Milliseconds. `coolDown` is at most `maxAge`. */
export type CachePolicy = {
  /** How long a set is used without being loaded again. */
  maxAge: number;
  /** From a load to the next that an unknown key may ask for. */
  coolDown: number;
  /** From a load that failed to the next. */
  retryAfter: number;
};

export type KeySetSource = {
  issuer: string;
  load(): Promise<ForeignKeySet>;
  /** For the log: every waiting call gets the failure anyway. */
  onFailure(cause: unknown): void;
  /** What has been loaded already. */
  initial?: ForeignKeySet;
};

/**
 * Finds keys in a set that is loaded when there is none, it is too old, or it lacks the key: one load at a time, shared by
 * all who wait, and none before the last has cooled down. Fails closed: a set that is too old is not used.
 */
export function cachedKeySet(source: KeySetSource, policy: CachePolicy): IssuerKeys {
  const start = performance.now();
  let held = source.initial && { set: source.initial, at: start };
  let last: { at: number; failure?: unknown } | undefined = held && { at: start };
  let loading: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    const at = performance.now();
    try {
      held = { set: await source.load(), at };
      last = { at: performance.now() };
    } catch (failure) {
      last = { at: performance.now(), failure };
      source.onFailure(failure);
    }
  };
  const refresh = async (): Promise<void> => {
    loading ??= load().finally(() => (loading = undefined));
    await loading;
  };
  const fresh = (): boolean => held !== undefined && performance.now() - held.at < policy.maxAge;
  const cooling = (): boolean =>
    last !== undefined &&
    performance.now() - last.at < (last.failure === undefined ? policy.coolDown : policy.retryAfter);

  return {
    find: async (header) => {
      const known = fresh() ? await held?.set.find(header) : undefined;
      if (known !== undefined) return known;
      if (loading !== undefined || !cooling()) await refresh();
      // The key may be new: only a set that could be loaded can say that there is no such key.
      if (last?.failure !== undefined) throw unavailable(source.issuer, last.failure);
      return held?.set.find(header);
    },
  };
}

function unavailable(issuer: string, cause: unknown): AssayError {
  return new AssayError(
    "keys_unavailable",
    `the keys of the issuer '${issuer}' cannot be fetched: try again in a few seconds`,
    { cause },
  );
}
