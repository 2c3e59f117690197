import { afterAll, beforeAll, describe } from "vitest";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { freshRedisStore } from "./redis-under-test.ts";
import { storeContract } from "./store-contract.ts";

describe("the Redis store", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.remove());

  storeContract(() => freshRedisStore(server));
});
