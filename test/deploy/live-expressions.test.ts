/** A real Prometheus scrapes a running Assay, with workers, on Redis: every expression that is deployed has data. */
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { CallError } from "../support/call-error.ts";
import type { ClientOptions } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { startEventReceiver } from "../support/event-receiver.ts";
import { startForeignIssuer } from "../support/foreign-issuer.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { scrape } from "../telemetry/scrape.ts";
import { serveWithCrew } from "../wire/crew.ts";
import { alertExpressions, dashboardExpressions, RULES } from "./expressions.ts";
import { ofAlert, ofDashboard } from "./in-prometheus-words.ts";
import { type Prometheus, startPrometheus } from "./prometheus-process.ts";
import { configurationFor, round } from "./traffic.ts";

/** Log events cannot leave: nobody listens there, and one waits at most. */
const LOSING = {
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  OTEL_TRACES_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_BLRP_MAX_QUEUE_SIZE: "1",
};
const REUSE_IS_ALERTED =
  'ALERTS{alertname="AssaySignalCritical", alertstate="firing", assay_signal_kind="refresh_token_reuse"}';

test("every expression of every dashboard and alert has data, and a reused refresh token is an alert", async () => {
  const { prometheus, address, traffic } = await watched();
  const expressions = [
    ...dashboardExpressions().map(({ where, text }) => ({ where, text: ofDashboard(text) })),
    ...alertExpressions().map(({ where, text }) => ({ where, text: ofAlert(text) })),
  ];
  expect(expressions.length).toBeGreaterThan(80);
  let without = expressions;
  for (const end = performance.now() + 90_000; without.length > 0 && performance.now() < end;) {
    await traffic().catch(unlessUnavailable);
    without = await withoutData(prometheus, without);
  }
  expect(without).toEqual([]);
  const misspelt = [{ where: "nowhere", text: "assay_introspection_total" }];
  expect(await withoutData(prometheus, misspelt)).toEqual(misspelt);

  const alert = await eventually("the alert fires", async () => (await prometheus.query(REUSE_IS_ALERTED))[0]);
  expect(alert.labels).toMatchObject({ job: "assay", severity: "critical" });
  expect(await prometheus.failingRules()).toEqual([]);
  // What was told takes part in the search for secrets.
  await scrape(address);
}, 180_000);

/** Traffic goes on while Prometheus looks. */
async function watched() {
  const idp = await startForeignIssuer();
  onTestFinished(() => idp.stop());
  const redis = await startRedisServer();
  onTestFinished(() => redis.remove());
  const receiver = await startEventReceiver();
  const env = { ASSAY_TELEMETRY_PROMETHEUS_ADDRESS: "127.0.0.1:0", ASSAY_STORE_TIMEOUT: "2s", ...LOSING };
  const served = await serveWithCrew(2, { yaml: stringify(configurationFor({ idp, redis, receiver })), env });
  const address = String(served.log().find(({ msg }) => msg === "metrics are served")?.["address"]);
  const prometheus = await startPrometheus(address, RULES.replaceAll(/^( +interval:) \d+s$/gm, "$1 1s"));
  const client = served.connect();
  const setting = { client, connect: (options?: ClientOptions) => served.connect(options), idp, redis, receiver };
  return { prometheus, address, traffic: () => round(setting) };
}

/** On a busy machine the store may be late, or the view stale: the next round comes. */
function unlessUnavailable(error: unknown): void {
  if (!(error instanceof CallError && error.code === "UNAVAILABLE")) throw error;
}

async function withoutData(prometheus: Prometheus, expressions: readonly { where: string; text: string }[]) {
  const answers = await Promise.all(
    expressions.map(async (expression) => {
      const samples = await prometheus.query(expression.text);
      return samples.some(({ value }) => Number.isFinite(value)) ? [] : [expression];
    }),
  );
  return answers.flat();
}
