import { AssayError } from "../core/error.ts";
import type { Found, IssuerKey, IssuerKeys } from "../core/ports.ts";
import type { ForeignKeySet, KeyQuery } from "./foreign-key-set.ts";

/** Milliseconds. */
export type CachePolicy = {
  /** How long a set is used, unless its answer says less. */
  maxAge: number;
  /** The least from the begin of one load to the next, whatever asks for it and however the last one ended. */
  coolDown: number;
  /** How much longer a set is used while none can be loaded. */
  maxStale: number;
};

export type LoadedKeySet = { set: ForeignKeySet; freshFor: number | undefined };

export type KeySetSource = {
  issuer: string;
  load(): Promise<LoadedKeySet>;
  /** What has been loaded already. */
  initial?: ForeignKeySet;
};

export type CachedKeySet = IssuerKeys & {
  /** Milliseconds since the keys in use were asked for; undefined while there are none. */
  age(): number | undefined;
};

type Held = { set: ForeignKeySet; at: number; freshFor: number; refreshAfter: number };
/** `wait` is the time from its begin to the next. */
type Attempt = { at: number; wait: number; failures: number; cause?: unknown };

/** Of a set's freshness: it is then loaded again in the background, so that nobody waits when it ends. */
const REFRESH_AFTER = 0.75;
/** A source that keeps failing is asked ever more rarely, down to once in so many cool-downs. */
const MAX_BACK_OFF = 4;
/** Of any wait, at random: instances that began together do not ask together for ever. */
const JITTER = 0.2;

/**
 * Finds keys in a set that is loaded when it is first needed, again before it grows too old, and when it lacks a key: one load
 * at a time, shared by all who wait, none before the last has cooled down. While loads fail, a set goes on being used up to
 * `maxStale`; then nothing is said any more.
 */
export function cachedKeySet(source: KeySetSource, policy: CachePolicy): CachedKeySet {
  let held = source.initial && hold({ set: source.initial, freshFor: undefined }, performance.now(), policy);
  let last: Attempt | undefined = held && { at: held.at, wait: policy.coolDown, failures: 0 };
  let loading: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    const at = performance.now();
    const failures = last?.failures ?? 0;
    try {
      const loaded = await source.load();
      held = hold(loaded, at, policy);
      last = { at, wait: policy.coolDown, failures: 0 };
    } catch (cause) {
      last = { at, wait: backOff(policy.coolDown, failures), failures: failures + 1, cause };
    }
  };
  /** The load that is under way, or a new one where the last has cooled down. */
  const refresh = async (): Promise<void> => {
    if (last === undefined || performance.now() - last.at >= last.wait)
      loading ??= load().finally(() => (loading = undefined));
    await loading;
  };
  const age = (): number | undefined => held && performance.now() - held.at;
  const isFailing = (): boolean => last !== undefined && last.failures > 0;
  const isFresh = (): boolean => held !== undefined && performance.now() - held.at < held.freshFor;
  const lookUp = async (query: KeyQuery): Promise<Found<IssuerKey> | undefined> => {
    const isUsable = held !== undefined && performance.now() - held.at < held.freshFor + policy.maxStale;
    if (held === undefined || !(isUsable || isFresh())) return undefined;
    const { set } = held;
    const found = await set.find(query);
    return found && { ...found, in: set };
  };

  return {
    age,
    askedAt: () => held?.at,
    inUse: () => {
      if (held === undefined || !isFresh()) return undefined;
      if (performance.now() - held.at >= held.refreshAfter) void refresh();
      return held.set;
    },
    find: async (query) => {
      const known = await lookUp(query);
      if (known !== undefined && (isFresh() || isFailing())) {
        if (held === undefined || performance.now() - held.at >= held.refreshAfter) void refresh();
        return known;
      }
      // A load that is under way may have begun before the key was published: it is only the first chance.
      await loading;
      const found = isFresh() ? await lookUp(query) : undefined;
      if (found !== undefined) return found;
      await refresh();
      const loaded = await lookUp(query);
      // Only a set that could be loaded can say that there is no such key.
      if (loaded === undefined && (isFailing() || held === undefined)) throw unavailable(source.issuer, last?.cause);
      return loaded;
    },
  };
}

function hold({ set, freshFor = Infinity }: LoadedKeySet, at: number, policy: CachePolicy): Held {
  const bounded = Math.min(Math.max(freshFor, policy.coolDown), policy.maxAge);
  return { set, at, freshFor: bounded, refreshAfter: bounded * (REFRESH_AFTER + JITTER * Math.random()) };
}

function backOff(coolDown: number, failures: number): number {
  return coolDown * Math.min(2 ** failures, MAX_BACK_OFF) * (1 + JITTER * Math.random());
}

function unavailable(issuer: string, cause: unknown): AssayError {
  return new AssayError(
    "keys_unavailable",
    `the keys of the issuer '${issuer}' cannot be fetched: try again in a few seconds`,
    { cause },
  );
}
