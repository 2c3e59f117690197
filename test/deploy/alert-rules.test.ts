import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { alerts, DEPLOY, RULES } from "./expressions.ts";

const ROOT = join(DEPLOY, "..");
const UNIT_TESTS = globSync("prometheus/tests/*.yaml", { cwd: DEPLOY }).toSorted();

const promtool = promisify(execFile);

const unitTests = z.object({
  rule_files: z.tuple([z.literal("../assay.rules.yaml")]),
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })).default([]),
      promql_expr_test: z.array(z.object({ expr: z.string(), exp_samples: z.array(z.unknown()) })).default([]),
    }),
  ),
});

test("promtool takes the rules, all of them", async () => {
  const { stdout } = await promtool("promtool", ["check", "rules", "--lint-fatal", "prometheus/assay.rules.yaml"], {
    cwd: DEPLOY,
  });
  expect(stdout).toContain(`SUCCESS: ${alerts().length} rules found`);
});

test.each(UNIT_TESTS)("promtool finds that the rules do what %s says", async (path) => {
  const { stdout } = await promtool("promtool", ["test", "rules", path], { cwd: DEPLOY });
  expect(stdout).toContain("SUCCESS");
});

test("every alert is shown to fire", () => {
  const fired = UNIT_TESTS.flatMap(
    (path) => unitTests.parse(parse(readFileSync(join(DEPLOY, path), "utf8"))).tests,
  ).flatMap(({ alert_rule_test: asked, promql_expr_test: looked }) => [
    ...asked.filter(({ exp_alerts: expected }) => expected.length > 0).map(({ alertname }) => alertname),
    ...looked
      .filter(({ exp_samples: expected }) => expected.length > 0)
      .flatMap(({ expr }) => [...expr.matchAll(/alertname="(\w+)"/g)].map(([, name = ""]) => name)),
  ]);
  expect([...new Set(fired)].toSorted()).toEqual(
    alerts()
      .map(({ alert }) => alert)
      .toSorted(),
  );
});

test("critical signals are told at the next evaluation, every ten seconds", () => {
  expect(alerts().find(({ alert }) => alert === "AssaySignalCritical")).not.toHaveProperty("for");
  expect(/^ {2}- name: assay-security\n(?: {4}#.*\n)* {4}interval: (\S+)$/m.exec(RULES)?.[1]).toBe("10s");
});

describe.each(alerts())("$alert", ({ alert, annotations }) => {
  test("says in plain words what is wrong, and leads to a runbook that is there", () => {
    const [path = "", anchor] = annotations.runbook_url.split("#");
    expect(headingsOf(path)).toContain(anchor);
    expect(anchor).toBe(alert.toLowerCase());
    expect(annotations.description).toMatch(/^.{60,}\.$/);
  });

  test("has a runbook that says what it means, what to look at and what to do", () => {
    const [, entry = ""] = readFileSync(join(ROOT, "docs/runbooks.md"), "utf8").split(`\n## ${alert}\n`);
    const [own = ""] = entry.split("\n## ");
    expect(["**Means:**", "**Look at", "do"].filter((part) => !own.toLowerCase().includes(part.toLowerCase()))).toEqual(
      [],
    );
  });
});

test("every heading of another page that the runbooks name is there", () => {
  const links = [...readFileSync(join(ROOT, "docs/runbooks.md"), "utf8").matchAll(/\]\(([\w.]*)#([\w-]+)\)/g)];
  const broken = links.filter(
    ([, page = "", anchor = ""]) => !headingsOf(`docs/${page || "runbooks.md"}`).includes(anchor),
  );
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("no runbook is without its alert", () => {
  expect(headingsOf("docs/runbooks.md").toSorted()).toEqual(
    ["runbooks", ...alerts().map(({ alert }) => alert.toLowerCase())].toSorted(),
  );
});

/** As GitHub makes anchors of headings. */
function headingsOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
