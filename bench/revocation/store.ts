import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import type { Store } from "../../src/core/ports.ts";
import type { Revocation } from "../../src/core/revocation-log.ts";
import { openRevocations, type Revocations } from "../../src/core/revocations/revocations.ts";
import { openRedisStore } from "../../src/store/redis/open-redis-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";

/** `redis://…`, or the path of an SQLite file. */
export type StorePlace = string;

/** As large as a selector and a reason are when they are sealed. */
export const SEALED_LENGTH = 120;
/** What a raw stream carries for the same: digest, cut-off, keep-until, and what is sealed. */
export const ENTRY_LENGTH = 16 + 6 + 6 + SEALED_LENGTH;

export const DAY_MS = 86_400_000;
/** A machine that is busy with the bench itself is no failed store. */
const TIMEOUT_MS = 10_000;

export async function openBenchStore(place: StorePlace): Promise<Store> {
  const common = { timeoutMs: TIMEOUT_MS, greatestLifetimeMs: 30 * DAY_MS };
  if (!place.startsWith("redis:")) return openSqliteStore({ path: place, ...common });
  return openRedisStore({ url: place, ...common, allowVolatile: false, attestDurable: false });
}

export function openView({ revocations: store }: Store): Revocations {
  return openRevocations({ store, maxStalenessMs: 1_000, capacity: 10_000_000 });
}

/** Resolves at the first proof: everything has been read then, however long that takes. */
export async function firstProof(view: Revocations): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = view.listen({ logged: () => undefined, proved: () => resolve(), doubted: () => undefined });
  await promise;
  leave();
}

/** Of something that there never was before. */
export function newRevocation(sealed: Buffer): Revocation {
  return { digest: randomBytes(16), keep: Date.now() + DAY_MS, sealed };
}

/** A client as it comes, for what is compared with. */
export async function plainRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, { protocol: 2, lazyConnect: true });
  await redis.connect();
  return redis;
}
