/** A real Prometheus on a free port, with its data in a folder that goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** `value` is NaN or infinite where Prometheus has no figure. */
export type Sample = { labels: Record<string, string>; value: number };

export type Prometheus = {
  /** What an expression comes to now. @throws Error with what Prometheus says against it */
  query(expression: string): Promise<Sample[]>;
  /** Rules that it could not evaluate, and why. */
  failingRules(): Promise<string[]>;
};

const answer = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z
    .object({
      resultType: z.literal("vector"),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
    })
    .optional(),
});

const ruleGroups = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() })),
      }),
    ),
  }),
});

/** Scrapes four times a second. @param target `HOST:PORT` of the job `assay` @param rulesText the text of a file of rules */
export async function startPrometheus(target: string, rulesText: string): Promise<Prometheus> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "rules.yaml"), rulesText);
  const scrape = { job_name: "assay", scrape_interval: "250ms", static_configs: [{ targets: [target] }] };
  const config = { global: { evaluation_interval: "1s" }, rule_files: ["rules.yaml"], scrape_configs: [scrape] };
  await writeFile(join(directory, "prometheus.yaml"), stringify(config));
  const address = await run(directory);
  return {
    async query(expression) {
      const body = new URLSearchParams({ query: expression });
      const response = await fetch(`http://${address}/api/v1/query`, { method: "POST", body });
      const { data, error } = answer.parse(await response.json());
      if (data === undefined) throw new Error(`Prometheus does not take ${expression}: ${error}`);
      return data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: Number(text) }));
    },
    async failingRules() {
      const response = await fetch(`http://${address}/api/v1/rules`);
      const { groups } = ruleGroups.parse(await response.json()).data;
      const failing = groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== "ok");
      return failing.map(({ name, health, lastError = "" }) => `${name}: ${health} ${lastError}`);
    },
  };
}

/** @returns the address that it serves on */
async function run(directory: string): Promise<string> {
  const child = spawn(
    "prometheus",
    ["--config.file=prometheus.yaml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"],
    { cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return eventually("Prometheus serves", async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
    const [, address] = /msg="Listening on".* address=(\S+)/.exec(said) ?? [];
    if (address === undefined) return undefined;
    const response = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    return response?.ok === true ? address : undefined;
  });
}
