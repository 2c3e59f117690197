import { onTestFinished } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { openStore } from "./open-store.ts";
import { fixedClock, GREATEST_LIFETIME, type StoreUnderTest } from "./store-under-test.ts";

/** One server serves all tests of a file, one after the other: each begins with nothing in it. */
export async function freshRedisStore(server: RedisServer): Promise<StoreUnderTest> {
  const { url, admin } = server;
  await admin.flushall();
  const address = { kind: "redis", url } as const;
  const opened = new Set<Store>();
  return {
    address,
    async open(changes = {}) {
      const defaults = { clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME };
      const store = await openStore(address, { ...defaults, ...changes });
      const close = async (): Promise<void> => {
        opened.delete(store);
        await store.close();
      };
      opened.add(store);
      onTestFinished(close);
      return { ...store, close };
    },
    writeSchemaVersion: async (version) =>
      void (await admin.hset("assay:{revocations}:meta", "schema_version", version)),
    readGreatestLifetime: async () => Number(await admin.hget("assay:{revocations}:meta", "greatest_lifetime_ms")),
    familySize: async (id) => Number(await admin.memory("USAGE", `assay:family:{${id.toString("base64url")}}`)),
    async snapshot() {
      const goBack = await server.backUp();
      return async () => {
        await goBack();
        await Promise.all([...opened].map(isOpen));
      };
    },
    logLength: async () => (await admin.xrange("assay:{revocations}:log", "-", "+")).filter(isRevocation).length,
  };
}

/** Connected again after the server's restart. */
async function isOpen(store: Store): Promise<void> {
  await until("the store is open", async () => ((await store.problem()) === undefined ? true : undefined));
}

/** Not the mark where an incarnation begins. */
function isRevocation([, [field]]: [id: string, fields: string[]]): boolean {
  return field === "r";
}
