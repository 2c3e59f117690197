import type { Clock, Store } from "../../src/core/ports.ts";
import { openRedisStore, type RedisStoreOptions } from "../../src/store/redis/open-redis-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";

export type StoreAddress = { kind: "sqlite"; path: string } | { kind: "redis"; url: string };

export type OpenOptions = { clock: Clock; greatestLifetimeMs: number };

export async function openStore(address: StoreAddress, options: OpenOptions): Promise<Store> {
  return address.kind === "sqlite"
    ? openSqliteStore({ path: address.path, ...options })
    : openRedisStore({ ...redisOptions(address.url), ...options });
}

/** As a service would open it, but patient enough for a busy machine. */
export function redisOptions(url: string): RedisStoreOptions {
  return {
    url,
    timeoutMs: 10_000,
    greatestLifetimeMs: 30 * 86_400_000,
    allowVolatile: false,
    attestDurable: false,
  };
}
