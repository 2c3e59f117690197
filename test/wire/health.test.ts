import { onTestFinished, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failure-of.ts";
import { healthClient } from "../support/health.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";

test("a server that has started serves, and says so without asking who calls", async () => {
  const { address } = await startServer({ development: false });
  const health = healthClient(address);
  expect(await health.check()).toBe("SERVING");
  expect(await health.check("assay.v1.TokenService")).toBe("SERVING");
  await expect(health.check("assay.v2.Unknown")).rejects.toMatchObject({ code: 5 });
});

test("health lists what may be asked about, and a watch of anything else is told that it is unknown", async () => {
  const { address } = await startServer();
  const health = healthClient(address);
  expect(await health.list()).toEqual({ "": "SERVING", "assay.v1.TokenService": "SERVING" });
  const watch = health.watch("assay.v2.Unknown");
  expect(await eventually("the first status", () => watch.seen[0])).toBe("SERVICE_UNKNOWN");
});

test("health follows the store: not serving while Redis is gone, serving when it is back", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const server = await startServer({ store: { url: redis.url } });
  const health = healthClient(server.address);
  expect(await health.check()).toBe("SERVING");

  await redis.kill();
  await eventually("not serving", async () => (await health.check()) === "NOT_SERVING" || undefined);
  expect(await failureOf(server.client().revoke({ client_id: "web" }))).toMatchObject({
    code: "UNAVAILABLE",
    reason: "STORE_UNAVAILABLE",
    retryAfter: 1,
  });
  await redis.restart();
  await eventually("serving again", async () => (await health.check()) === "SERVING" || undefined);
  expect(server.log()).toContain('"msg":"not ready"');
});

test("a server whose store is not ready says that it listens, not that it serves", async () => {
  const ready = await startServer();
  expect(ready.log()).toContain('"msg":"serving"');
  const redis = await startRedisServer();
  await redis.remove();
  const server = await startServer({ store: { url: redis.url } });
  expect(server.log()).toContain('"msg":"listening"');
  expect(server.log()).not.toContain('"msg":"serving"');
});

test("a call that a full store refuses is logged as a warning", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const server = await startServer({ store: { url: redis.url } });
  await redis.admin.config("SET", "maxmemory", "100kb");
  const error = await failureOf(server.client().revoke({ client_id: "web" }));
  expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "STORE_FULL" });
  expect(server.log()).toMatch(/"level":"warn".*"reason":"STORE_FULL"/);
});

test("whoever watches hears of the stop, and does not hold it up", async () => {
  const server = await startServer({ listen: { shutdown_grace: "1h" } });
  const watch = healthClient(server.address).watch();
  await eventually("the first status", () => watch.seen[0]);
  await server.stop();
  await watch.ended;
  expect(watch.seen).toEqual(["SERVING", "NOT_SERVING"]);
});
