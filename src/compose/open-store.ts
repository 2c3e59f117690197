import type { Config } from "../config/schema.ts";
import type { Store } from "../core/ports.ts";

export type StoreKind = "sqlite" | "redis";

export type OpenStoreOptions = {
  /** See `DerivedKeys.check`. */
  keyCheck: Buffer;
  greatestLifetimeMs: number;
  log: Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;
};

const SQLITE = "sqlite:";

export function storeKind({ store }: Config): StoreKind {
  return store.url.toLowerCase().startsWith(SQLITE) ? "sqlite" : "redis";
}

/** Opens the configured store. Only its own client is loaded. @throws StartError */
export async function openStore(config: Config, options: OpenStoreOptions): Promise<Store> {
  const { store } = config;
  const { keyCheck, greatestLifetimeMs, log } = options;
  if (storeKind(config) === "sqlite") {
    const { openSqliteStore } = await import("../store/sqlite/open-sqlite-store.ts");
    return openSqliteStore({
      path: store.url.slice(SQLITE.length),
      timeoutMs: store.timeout,
      keyCheck,
      greatestLifetimeMs,
    });
  }
  const { openRedisStore } = await import("../store/redis/open-redis-store.ts");
  return openRedisStore({
    url: store.url,
    timeoutMs: store.timeout,
    keyCheck,
    greatestLifetimeMs,
    allowVolatile: store.unsafe_allow_volatile,
    attestDurable: store.attest_durable,
    log: ({ level, event, message }) => log[level]({ event }, message),
  });
}
