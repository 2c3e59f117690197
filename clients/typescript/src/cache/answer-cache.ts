import { hash } from "node:crypto";
import type { Channel } from "../channel.ts";
import { type CacheOptions, wholeNumber } from "../client-options.ts";
import type { IntrospectResponse } from "../gen/assay/v1/token_service.ts";
import type { ActiveIntrospection, Introspection } from "../introspection.ts";
import { millisecondsOf } from "../read-introspection.ts";
import { followRevocations } from "./follow-revocations.ts";
import { type NamedBy, nameOf } from "./live-revocations.ts";

export type AnswerCache = {
  /** Where the answer about a token, asked on these terms, is or would be kept. */
  place(token: string, terms: string): Place;
  problem(): string | undefined;
  close(): void;
};

export type Place = {
  /** An answer that the service would still give. */
  find(): ActiveIntrospection | undefined;
  /** Keeps an answer if the service allows it. `askedAt` as `performance.now` says it. */
  keep(introspection: Introspection, response: IntrospectResponse, askedAt: number): void;
};

type Entry = {
  introspection: ActiveIntrospection;
  marks: readonly NamedBy[];
  /** Until when it may be used, as `performance.now` says it, and by this machine's clock, which goes on while it sleeps. */
  until: number;
  untilDate: number;
};

/**
 * Answers that are active, each used only while it is proved that every revocation is known and none names it. Nothing that was told
 * before an answer came is forgotten: an answer of an instance that lags behind cannot hide it. No token is kept, only its SHA-256.
 */
export function openCache(channel: Channel, options: CacheOptions): AnswerCache {
  const maxEntries = wholeNumber("cache.maxEntries", options.maxEntries, 10_000);
  const maxStalenessMs = wholeNumber("cache.maxStalenessMs", options.maxStalenessMs, 1_000);
  const maxRevocations = wholeNumber("cache.maxRevocations", options.maxRevocations, 100_000);
  /** The one that was used last is last. */
  const entries = new Map<string, Entry>();
  const followed = followRevocations(channel, { maxRevocations, changed: () => entries.clear() });
  const isFresh = (): boolean => followed.staleForMs() <= maxStalenessMs;

  function find(key: string): ActiveIntrospection | undefined {
    const entry = entries.get(key);
    if (entry === undefined || !isFresh()) return undefined;
    entries.delete(key);
    if (isOver(entry) || followed.nameOneOf(entry.marks)) return undefined;
    entries.set(key, entry);
    return entry.introspection;
  }

  function keep(key: string, entry: Entry): void {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size <= maxEntries) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  return {
    place(token, terms) {
      const key = `${hash("sha256", token, "base64url")} ${terms}`;
      return {
        find: () => find(key),
        keep(introspection, response, askedAt) {
          const entry = entryOf(introspection, response, askedAt);
          if (entry !== undefined) keep(key, entry);
        },
      };
    },
    problem: () =>
      isFresh() ? undefined : (followed.problem() ?? "it was not proved lately that no revocation is missing"),
    close() {
      followed.close();
      entries.clear();
    },
  };
}

/** Undefined for what is not to be kept. */
function entryOf(introspection: Introspection, response: IntrospectResponse, askedAt: number): Entry | undefined {
  const { cacheable_for: cacheableFor, marks, cnf, stale_for: staleFor } = response;
  if (!introspection.active || cacheableFor === undefined || marks.length === 0) return undefined;
  if (cnf !== undefined || staleFor !== undefined) return undefined;
  // It counts from when the service judged, which was not before it was asked.
  const until = askedAt + millisecondsOf(cacheableFor);
  freeze(introspection);
  return {
    introspection,
    marks: marks.map(({ digest, born_at_ms: bornAtMs }) => ({ digest: nameOf(digest), bornAtMs })),
    until,
    untilDate: Date.now() + until - performance.now(),
  };
}

function isOver({ until, untilDate, introspection: { exp } }: Entry): boolean {
  const now = Date.now();
  return performance.now() >= until || now >= untilDate || (exp !== undefined && now >= exp * 1_000);
}

/** It is handed to many. */
function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
