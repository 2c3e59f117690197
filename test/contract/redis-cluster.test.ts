import { Cluster } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { familyKey, networksKey, opaqueTokenKey, replayKey } from "../../src/store/redis/keys.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis-cluster.ts";
import { familyContract } from "./family-contract.ts";
import { keyringContract } from "./keyring-contract.ts";
import { networkContract } from "./network-contract.ts";
import { opaqueTokenContract } from "./opaque-token-contract.ts";
import { openStore } from "./open-store.ts";
import { openingContract } from "./opening-contract.ts";
import { purgeContract } from "./purge-contract.ts";
import { replayContract } from "./replay-contract.ts";
import { revocationContract } from "./revocation-contract.ts";
import { rotationContract } from "./rotation-contract.ts";
import { digest, fixedClock, GREATEST_LIFETIME, type StoreUnderTest } from "./store-under-test.ts";

const META = "assay:{revocations}:meta";
const LOG = "assay:{revocations}:log";

let cluster: RedisCluster;
let admin: Cluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
  admin = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
});
afterAll(async () => {
  admin.disconnect();
  await cluster.remove();
});

async function fresh(): Promise<StoreUnderTest> {
  await cluster.flush();
  const address = { kind: "redis", url: cluster.url } as const;
  return {
    address,
    async open(changes = {}) {
      const defaults = { clock: fixedClock, greatestLifetimeMs: GREATEST_LIFETIME };
      const store = await openStore(address, { ...defaults, ...changes });
      onTestFinished(() => store.close());
      return store;
    },
    writeSchemaVersion: async (version) => void (await admin.hset(META, "schema_version", version)),
    readGreatestLifetime: async () => Number(await admin.hget(META, "greatest_lifetime_ms")),
    familySize: async (id) => Number(await admin.memory("USAGE", familyKey(id))),
    snapshot: () => Promise.reject(new Error("what goes back is tested on one server")),
    logLength: () => admin.xlen(LOG),
  };
}

// What a store does that went back, and crashes between two steps, are the same scripts on one node: see redis.test.ts.
describe("the Redis store on a Cluster", () => {
  describe("opening", () => {
    openingContract(fresh);
  });
  describe("revocations", () => {
    revocationContract(fresh);
  });
  describe("keeping and purging", () => {
    purgeContract(fresh);
  });
  describe("families", () => {
    familyContract(fresh);
  });
  describe("the rotation table", () => {
    rotationContract(fresh);
  });
  describe("opaque tokens", () => {
    opaqueTokenContract(fresh);
  });
  describe("the keyring", () => {
    keyringContract(fresh);
  });
  describe("uses of proofs", () => {
    replayContract(fresh);
  });
  describe("networks of tokens", () => {
    networkContract(fresh);
  });
});

test.each([
  ["families", familyKey],
  ["opaque tokens", opaqueTokenKey],
  ["uses of proofs", replayKey],
  ["networks of tokens", (token: Buffer) => networksKey(token, 1)],
])("%s are spread evenly over the slots of three primaries", async (_, keyOf) => {
  const slots = await Promise.all(Array.from({ length: 3_000 }, () => cluster.slotOf(keyOf(digest()))));
  const perPrimary = [0, 1, 2].map((third) => slots.filter((slot) => Math.floor((slot * 3) / 16_384) === third).length);
  // Of 3,000 in three parts, each is 1,000 with a standard deviation of 26.
  for (const count of perPrimary) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  expect(new Set(slots).size).toBeGreaterThan(2_500);
});

test("all that one script changes lies in one slot", async () => {
  const keys = ["log", "live", "expiry", "meta"].map((name) => `assay:{revocations}:${name}`);
  expect(new Set(await Promise.all(keys.map(cluster.slotOf))).size).toBe(1);
  const token = digest();
  const halves = [networksKey(token, 1), networksKey(token, 2)];
  expect(new Set(await Promise.all(halves.map(cluster.slotOf))).size).toBe(1);
});
