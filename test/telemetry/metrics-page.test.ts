import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HOW_GAUGES_ADD_UP } from "../../src/telemetry/add-metrics.ts";
import { METRICS } from "../../src/telemetry/attributes.ts";
import { API, startServer } from "../support/server.ts";
import { metricsAddress, scrape } from "./scrape.ts";

type Row = { metric: string; name: string; kind: string; labels: string[]; workers: string };

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");

/** The table of metrics. */
const ROWS = [...PAGE.matchAll(/^\| `([a-z_.]+)` \| `([a-z_]+)` \| (\w+) \| (.*?) ?\| .* \| ?(\w*) ?\|$/gm)].map(
  ([, metric = "", name = "", kind = "", labels = "", workers = ""]): Row => ({
    metric,
    name,
    kind,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label),
    workers,
  }),
);

test("the page names every metric once, and no other", () => {
  expect(ROWS.map(({ metric }) => metric).toSorted()).toEqual(Object.values(METRICS).toSorted());
});

test("the page says how the gauges of several workers add up", () => {
  const gauges = ROWS.filter(({ kind }) => kind === "gauge");
  expect(Object.fromEntries(gauges.map(({ metric, workers }) => [metric, workers]))).toEqual(HOW_GAUGES_ADD_UP);
});

test("a server tells metrics by the names, kinds and labels of the page", async () => {
  const server = await startServer({ telemetry: { prometheus_address: "127.0.0.1:0" } });
  const client = server.client();
  const { access_token: token, refresh_token: refresh = "" } = await client.issue({
    mint: { client_id: "web", subject: "alice", audience: [API], refresh: true },
  });
  await client.issue({ refresh: { refresh_token: refresh, client_id: "web" } });
  await client.revoke({ token });
  await client.introspect({ token });
  await client.issue({}).catch(() => undefined);
  const { types, samples } = await scrape(metricsAddress(server.log()));

  const kinds = new Map(ROWS.map(({ name, kind }) => [name, kind]));
  expect([...types].filter(([name, type]) => kinds.get(name) !== type)).toEqual([]);
  expect(types.size).toBeGreaterThan(9);
  for (const { name, labels } of ROWS) {
    const told = samples.filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, "") === name);
    const unknown = told.flatMap((sample) => Object.keys(sample.labels)).filter((label) => label !== "le");
    expect(unknown.filter((label) => !labels.includes(label))).toEqual([]);
  }
});
