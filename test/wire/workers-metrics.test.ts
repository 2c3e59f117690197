/** With several workers the first process serves the sum of their metrics. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assay } from "../cli/run-assay.ts";
import type { TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { scrape, type Scraped } from "../telemetry/scrape.ts";
import { type ServedByCrew, serveWithCrew, signal, two } from "./crew.ts";

const env = { ASSAY_TELEMETRY_PROMETHEUS_ADDRESS: "127.0.0.1:0" };
const INTROSPECTIONS = "assay_introspections_total";

/** Where they are served: said once, by the first process. */
function metricsOf(served: ServedByCrew): Promise<Scraped> {
  const said = served.log().filter(({ msg }) => msg === "metrics are served");
  expect(said).toMatchObject([{ pid: served.pid }]);
  return scrape(String(said[0]?.["address"]));
}

async function introspect(client: TestClient, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await client.introspect({ token: "x" });
}

test("counts and durations of all workers are summed, and what each knows is told once", async () => {
  const served = await serveWithCrew(2, { env });
  const { first, second } = await two(served);
  const before = await metricsOf(served);
  await introspect(first, 3);
  await introspect(second, 4);
  const { sid } = await first.issue({
    mint: { client_id: "dev", subject: "alice", audience: ["https://api.example"] },
  });
  await first.revoke({ sid });

  const after = await metricsOf(served);
  const more = (name: string, labels = {}) => (after.value(name, labels) ?? 0) - (before.value(name, labels) ?? 0);
  expect(more(INTROSPECTIONS)).toBe(7);
  const calls = { rpc_method: "assay.v1.TokenService/Introspect" };
  expect(more("rpc_server_call_duration_seconds_count", calls)).toBe(7);
  expect(more("rpc_server_call_duration_seconds_bucket", { ...calls, le: "+Inf" })).toBe(7);
  expect(more("assay_remembered_tokens_lookups_total", { assay_outcome: "miss" })).toBe(7);
  // Each of the two holds it.
  expect(after.value("assay_revocations_live")).toBe(1);
  expect(after.value("assay_revocations_staleness_seconds")).toBeLessThan(60);
  expect(after.value("assay_workers_silent_total")).toBe(0);
});

test("what a worker that has ended counted stays in the sum", async () => {
  const served = await serveWithCrew(2, { env });
  const { first, second, secondPid } = await two(served);
  await introspect(second, 5);
  const before = (await metricsOf(served)).value(INTROSPECTIONS) ?? 0;
  signal(secondPid, "SIGKILL");
  await eventually("another serves", () => (served.pids().get(2) === secondPid ? undefined : true), 30_000);
  await introspect(first, 2);
  expect((await metricsOf(served)).value(INTROSPECTIONS)).toBe(before + 2);
});

test("a worker that does not answer is waited for a second, its counts stay as it told them, and that is counted", async () => {
  const served = await serveWithCrew(2, { env });
  const { first, second, secondPid } = await two(served);
  await introspect(second, 5);
  const before = (await metricsOf(served)).value(INTROSPECTIONS) ?? 0;
  signal(secondPid, "SIGSTOP");
  await introspect(first, 2);
  const silent = await metricsOf(served);
  signal(secondPid, "SIGCONT");
  expect(silent.value(INTROSPECTIONS)).toBe(before + 2);
  expect(silent.value("assay_workers_silent_total")).toBe(1);
  expect(silent.value("assay_revocations_staleness_seconds")).toBeDefined();

  await introspect(second, 1);
  expect((await metricsOf(served)).value(INTROSPECTIONS)).toBe(before + 3);
});

test("an address that metrics cannot be served on refuses the start, once", async () => {
  const served = await serveWithCrew(2, { env });
  const taken = String(served.log().find(({ msg }) => msg === "metrics are served")?.["address"]);
  const { code, stderr } = await assay(["serve"], {
    cwd: await temporaryDirectory(),
    env: { ASSAY_WORKERS: "2", ASSAY_LISTEN_ADDRESS: "127.0.0.1:0", ASSAY_TELEMETRY_PROMETHEUS_ADDRESS: taken },
  });
  expect(code).toBe(1);
  expect(stderr.match(/Cannot serve metrics on /g)).toHaveLength(1);
});

test("metrics keep no process that has lost its workers", async () => {
  const served = await serveWithCrew(2, { env });
  await metricsOf(served);
  await rm(join(served.directory, "data/keys/master.key"));
  for (const pid of served.pids().values()) signal(pid, "SIGKILL");
  expect(await served.ended).toBe(1);
});
