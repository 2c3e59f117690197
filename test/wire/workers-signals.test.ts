/** With several workers, who watches one of them is told what any of them finds. */
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { API, startServer } from "../support/server.ts";
import { reuseRefreshToken } from "../support/signals.ts";
import { scrape } from "../telemetry/scrape.ts";
import { serveWithCrew, signal, two } from "./crew.ts";

const REUSE = { kind: "refresh_token_reuse", client_id: "dev" };

test("what one worker finds is told by all of them, and counted once", async () => {
  const served = await serveWithCrew(2, { env: { ASSAY_TELEMETRY_PROMETHEUS_ADDRESS: "127.0.0.1:0" } });
  const { first, second } = await two(served);
  const [here, there] = [first.watchSignals(), second.watchSignals()];
  await Promise.all([here.begun(), there.begun()]);
  await reuseRefreshToken(first, API, "dev");
  expect(await there.tells(REUSE)).toEqual(await here.tells(REUSE));
  await reuseRefreshToken(second, API, "dev");
  expect((await here.hasTold(2)).map(({ id }) => id)).toEqual((await there.hasTold(2)).map(({ id }) => id));
  const { address } = served.log().find(({ msg }) => msg === "metrics are served") ?? {};
  const scraped = await scrape(String(address));
  expect(scraped.value("assay_signals_total", { assay_signal_kind: REUSE.kind })).toBe(2);
});

test("a worker that takes the place of another knows the latest", async () => {
  const served = await serveWithCrew(2);
  const { first, second, secondPid } = await two(served);
  const watch = first.watchSignals();
  await watch.begun();
  await reuseRefreshToken(second, API, "dev");
  const told = await watch.tells(REUSE);
  signal(secondPid, "SIGKILL");
  await eventually("another serves", () => (served.pids().get(2) === secondPid ? undefined : true), 30_000);
  const { second: next } = await two(served);
  const latest = await next.watchSignals({ latest: 10 }).tells(REUSE);
  expect(latest).toEqual(told);
});

test("over Redis what another instance finds is told by all workers, once", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const masterKey = Buffer.alloc(32, 7).toString("base64url");
  const env = { ASSAY_STORE_URL: redis.url, ASSAY_KEYS_MASTER_KEY: masterKey };
  const other = (await startServer({ store: redis.url, keys: { master_key: masterKey } })).client();
  const served = await serveWithCrew(2, { env });
  const { first, second } = await two(served);
  const [here, there] = [first.watchSignals(), second.watchSignals()];
  await Promise.all([here.begun(), there.begun()]);
  await reuseRefreshToken(other, API);
  await reuseRefreshToken(first, API, "dev");
  for (const watch of [here, there]) {
    const told = await watch.hasTold(2);
    expect(new Set(told.map(({ client_id: client }) => client))).toEqual(new Set(["dev", "web"]));
  }
});
