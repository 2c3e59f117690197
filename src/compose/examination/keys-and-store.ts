import type { Config } from "../../config/schema.ts";
import { redisSettings, sqlitePath } from "../open-store.ts";
import { fault, type Finding, messageOf } from "./finding.ts";
import { examineKeyring, examineMasterKey } from "./keys.ts";
import { redisFindings } from "./redis-store.ts";
import { sqliteFindings } from "./sqlite-store.ts";
import type { StoreExamined } from "./store-examined.ts";

/** What only an authority has: the store, the master key, and the keys that lie in the one under the other. */
export async function examineKeysAndStore(config: Config): Promise<Finding[]> {
  const store = await examineStore(config);
  const keys =
    store.keyring === undefined ? [] : await examineKeyring(config, store.keyring, Date.now() + store.aheadMs);
  return [...store.findings, await examineMasterKey(config), ...keys];
}

async function examineStore(config: Config): Promise<StoreExamined> {
  const { store } = config;
  const path = sqlitePath(config);
  try {
    if (path === undefined) {
      const { inspectRedis } = await import("../../store/redis/inspect.ts");
      const settings = { allowVolatile: store.unsafe_allow_volatile, attestDurable: store.attest_durable };
      return redisFindings(await inspectRedis({ ...redisSettings(config), ...settings }), store.timeout);
    }
    const { inspectSqlite } = await import("../../store/sqlite/inspect.ts");
    return sqliteFindings(inspectSqlite(path), Date.now());
  } catch (error) {
    const finding = { subject: "store", ...fault(messageOf(error)) };
    return { findings: [finding], keyring: undefined, aheadMs: 0 };
  }
}
