/** Every expression for Prometheus that is deployed: those of all dashboards, and those of all alerts. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export type Expression = { where: string; text: string };

export const DEPLOY = join(import.meta.dirname, "../../deploy");
export const RULES = readFileSync(join(DEPLOY, "prometheus/assay.rules.yaml"), "utf8");

const panel = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  datasource: z.object({ uid: z.string() }).optional(),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), datasource: z.object({ uid: z.string() }) }))
    .default([]),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.int(),
  panels: z.array(panel),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), query: z.union([z.string(), z.object({ query: z.string() })]) })),
  }),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), expr: z.string() })) }),
});
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(["warning", "critical"]) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});

export type DashboardFile = z.output<typeof dashboard> & { file: string };

export function dashboards(): DashboardFile[] {
  const files = globSync("grafana/dashboards/*.json", { cwd: DEPLOY }).toSorted();
  return files.map((path) => {
    const content: unknown = JSON.parse(readFileSync(join(DEPLOY, path), "utf8"));
    return { ...dashboard.parse(content), file: basename(path) };
  });
}

export function alerts() {
  return rules.parse(parse(RULES)).groups.flatMap((group) => group.rules);
}

/** Of panels, variables and annotations. */
export function dashboardExpressions(): Expression[] {
  return dashboards().flatMap(({ file, panels, templating, annotations }) => [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: `${file}: ${title}`, text: expr }))),
    ...annotations.list.map(({ name, expr }) => ({ where: `${file}: ${name}`, text: expr })),
    ...templating.list.flatMap(({ name, query }) =>
      typeof query === "string" ? [] : [{ where: `${file}: $${name}`, text: query.query }],
    ),
  ]);
}

export function alertExpressions(): Expression[] {
  return alerts().map(({ alert, expr }) => ({ where: alert, text: expr }));
}
