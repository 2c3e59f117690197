import type { Config } from "../config/schema.ts";
import { redisTls } from "./redis-tls.ts";
import type { Store } from "../core/ports.ts";
import type { ConnectionSettings } from "../store/redis/connections.ts";
import type { RedisStoreOptions } from "../store/redis/open-redis-store.ts";

export type StoreKind = "sqlite" | "redis";

export type OpenStoreOptions = {
  greatestLifetimeMs: number;
  log: Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;
};

const SQLITE = "sqlite:";

export function storeKind({ store }: Config): StoreKind {
  return store.url.toLowerCase().startsWith(SQLITE) ? "sqlite" : "redis";
}

/** The file of an embedded store. */
export function sqlitePath(config: Config): string | undefined {
  return storeKind(config) === "sqlite" ? config.store.url.slice(SQLITE.length) : undefined;
}

/** Opens the configured store. Only its own client is loaded. @throws StartError */
export async function openStore(config: Config, options: OpenStoreOptions): Promise<Store> {
  const { greatestLifetimeMs, log } = options;
  const path = sqlitePath(config);
  if (path !== undefined) {
    const { openSqliteStore } = await import("../store/sqlite/open-sqlite-store.ts");
    return openSqliteStore({
      path,
      timeoutMs: config.store.timeout,
      greatestLifetimeMs,
      log: ({ level, event, message }) => log[level]({ event }, message),
    });
  }
  const { openRedisStore } = await import("../store/redis/open-redis-store.ts");
  return openRedisStore(redisStoreOptions(config, options));
}

/** @throws StartError */
export function redisStoreOptions(config: Config, { greatestLifetimeMs, log }: OpenStoreOptions): RedisStoreOptions {
  return {
    ...redisSettings(config),
    greatestLifetimeMs,
    allowVolatile: config.store.unsafe_allow_volatile,
    attestDurable: config.store.attest_durable,
    log: ({ level, event, message }) => log[level]({ event }, message),
  };
}

/** How a Redis is reached, and how many replicas it has. @throws StartError */
export function redisSettings({ store }: Config): ConnectionSettings {
  return {
    url: store.url,
    timeoutMs: store.timeout,
    replicas: store.durability === "replicated" ? (store.replicas ?? 1) : 0,
    ...(store.tls === undefined ? {} : { tls: redisTls(store.tls) }),
    ...(store.sentinel_username === undefined ? {} : { sentinelUsername: store.sentinel_username }),
    ...(store.sentinel_password === undefined ? {} : { sentinelPassword: store.sentinel_password }),
    allowPlaintext: store.unsafe_allow_plaintext,
  };
}
