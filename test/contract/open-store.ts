import { z } from "zod";
import type { Clock, Store } from "../../src/core/ports.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";

export const storeAddress = z.union([
  z.object({ kind: z.literal("sqlite"), path: z.string() }),
  z.object({ kind: z.literal("redis"), url: z.string() }),
]);

export type StoreAddress = z.infer<typeof storeAddress>;

export type OpenOptions = { clock: Clock; greatestLifetimeMs: number; log?: (event: { event: string }) => void };

/** As a service would, but patient enough for a busy machine. */
const TIMEOUT_MS = 10_000;

export async function openStore(address: StoreAddress, options: OpenOptions): Promise<Store> {
  return address.kind === "sqlite"
    ? openSqliteStore({ path: address.path, timeoutMs: TIMEOUT_MS, ...options })
    : openRedisStore({ ...redisOptions(address.url), ...options });
}

export function redisOptions(url: string): RedisStoreOptions {
  return {
    url,
    timeoutMs: TIMEOUT_MS,
    greatestLifetimeMs: 30 * 86_400_000,
    allowVolatile: false,
    attestDurable: false,
  };
}
