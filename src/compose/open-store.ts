import type { Config } from "../config/schema.ts";
import type { Store } from "../core/ports.ts";

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
  const { store } = config;
  const { greatestLifetimeMs, log } = options;
  const path = sqlitePath(config);
  if (path !== undefined) {
    const { openSqliteStore } = await import("../store/sqlite/open-sqlite-store.ts");
    return openSqliteStore({ path, timeoutMs: store.timeout, greatestLifetimeMs });
  }
  const { openRedisStore } = await import("../store/redis/open-redis-store.ts");
  return openRedisStore({
    url: store.url,
    timeoutMs: store.timeout,
    greatestLifetimeMs,
    allowVolatile: store.unsafe_allow_volatile,
    attestDurable: store.attest_durable,
    log: ({ level, event, message }) => log[level]({ event }, message),
  });
}
