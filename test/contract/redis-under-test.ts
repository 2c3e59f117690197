import { onTestFinished } from "vitest";
import type { RedisServer } from "../support/redis-server.ts";
import { openStore } from "./open-store.ts";
import { fixedClock, GREATEST_LIFETIME, type StoreUnderTest } from "./store-under-test.ts";

/** One server serves all tests of a file, one after the other: each begins with nothing in it. */
export async function freshRedisStore({ url, admin }: RedisServer): Promise<StoreUnderTest> {
  await admin.flushall();
  const address = { kind: "redis", url } as const;
  return {
    address,
    async open(changes = {}) {
      const defaults = { clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME };
      const store = await openStore(address, { ...defaults, ...changes });
      onTestFinished(() => store.close());
      return store;
    },
    writeSchemaVersion: async (version) =>
      void (await admin.hset("assay:{revocations}:meta", "schema_version", version)),
    readGreatestLifetime: async () => Number(await admin.hget("assay:{revocations}:meta", "greatest_lifetime_ms")),
    familySize: async (id) => Number(await admin.memory("USAGE", `assay:family:{${id.toString("base64url")}}`)),
    logLength: () => admin.xlen("assay:{revocations}:log"),
  };
}
