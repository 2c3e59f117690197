/** Grafana itself is not run here: what it would stumble over is looked for. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DASHBOARDS, dashboardFiles } from "../../scripts/dashboards/dashboard-files.ts";
import { alertExpressions, dashboardExpressions, dashboards, type DashboardFile } from "./expressions.ts";

const ROOT = join(import.meta.dirname, "../..");
const WIDTH = 24;
/** Of Grafana's, those that are in use. */
const UNITS: ReadonlySet<string> = new Set(["s", "short", "percentunit", "reqps", "ops", "bytes"]);

/** Names at the Prometheus endpoint, by the table of docs/operations.md, which is compared with what a server tells. */
const TOLD = [
  ...readFileSync(join(ROOT, "docs/operations.md"), "utf8").matchAll(/^\| `[a-z_.]+` \| `([a-z_]+)` \|/gm),
].map(([, name = ""]) => name);

function metricsIn(expression: string): string[] {
  const named = [...expression.matchAll(/\b((?:assay|rpc_server)_\w+)(?=\{|\[|,| |\)|$)/g)].map(
    ([, name = ""]) => name,
  );
  const labels = /^(assay_(outcome|reason|issuer|receiver|signal_kind|signal_severity|store_kind|store_operation))$/;
  return named.filter((name) => !labels.test(name)).map((name) => name.replace(/_(bucket|sum|count)$/, ""));
}

test("the committed dashboards are those that the script makes", () => {
  const committed = new Map(
    [...dashboardFiles().keys()].map((name) => [name, readFileSync(join(ROOT, DASHBOARDS, name), "utf8")]),
  );
  expect(committed).toEqual(dashboardFiles());
  expect(execFileSync(process.execPath, ["scripts/dashboards.ts", "--check"], { cwd: ROOT, encoding: "utf8" })).toBe(
    "compared 3 dashboards\n",
  );
});

test("every metric is on a dashboard, and no dashboard or alert names another", () => {
  const shown = new Set(dashboardExpressions().flatMap(({ text }) => metricsIn(text)));
  expect([...shown].toSorted()).toEqual(TOLD.toSorted());
  const alerted = alertExpressions().flatMap(({ text }) => metricsIn(text));
  expect(alerted.filter((name) => !TOLD.includes(name))).toEqual([]);
});

describe.each(dashboards())("$file", (dashboard) => {
  test("has panels that lie side by side, none upon another", () => {
    expect(overlaps(dashboard)).toEqual([]);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > WIDTH)).toEqual([]);
  });

  test("has panels with numbers and titles of their own, each of which says what it shows, in a unit", () => {
    const panels = dashboard.panels.filter(({ type }) => type !== "row");
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const shown = panels.filter(({ type }) => type !== "text");
    expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length);
    expect(panels.filter(({ description = "" }) => !description.endsWith("."))).toEqual([]);
    const units = shown.map(({ fieldConfig }) => fieldConfig?.defaults.unit ?? "");
    expect(units.filter((unit) => !UNITS.has(unit))).toEqual([]);
  });

  test("asks the data source that is chosen, for the instances that are chosen", () => {
    const targets = dashboard.panels.flatMap((panel) => panel.targets);
    expect(new Set(targets.map(({ datasource }) => datasource.uid))).toEqual(new Set(["${datasource}"]));
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(["datasource", "instance"]);
    const everywhere = targets.filter(({ expr }) => !expr.includes("$instance"));
    expect(everywhere.filter(({ expr }) => !expr.startsWith("ALERTS{"))).toEqual([]);
  });

  test("has queries with letters of their own in each panel", () => {
    for (const { targets } of dashboard.panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });
});

test("dashboards have identities of their own", () => {
  expect(dashboards().map(({ uid }) => uid)).toEqual(["assay-security", "assay-service", "assay-store"]);
});

function overlaps({ panels }: DashboardFile): string[] {
  const places = panels.map(({ id, gridPos }) => ({ id, ...gridPos }));
  return places.flatMap((one, index) =>
    places
      .slice(index + 1)
      .filter((other) => one.x < other.x + other.w && other.x < one.x + one.w)
      .filter((other) => one.y < other.y + other.h && other.y < one.y + one.h)
      .map((other) => `${one.id} and ${other.id}`),
  );
}
