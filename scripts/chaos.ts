/**
 * npm run chaos [-- SCENARIO…] [--cycles N] [--seed N] [--json] [--histories DIRECTORY]: real servers are killed, cut off, frozen and
 * filled up under load, and what their clients saw is judged. Without names: all scenarios, one after the other, about an
 * hour and a half at full length; `--cycles` shortens. Ends with exit code 1 when a promise was broken, and says how to see it again.
 */
import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Scenario, Verdict } from "../test/chaos/scenario.ts";
import { SCENARIOS } from "../test/chaos/scenarios/all.ts";

type Lived = Pick<Verdict, "figures" | "violations"> & { scenario: string; seconds: number; error?: string };

const SHOWN = 5;
const CLIENTS = 4;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    histories: { type: "string" },
    list: { type: "boolean", default: false },
  },
});
// So that what was started ends too.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const seed = Number(values.seed ?? randomInt(2 ** 31));
const cycles = values.cycles === undefined ? undefined : Number(values.cycles);
const mayMount = process.getuid?.() === 0 && process.platform === "linux";
const unknown = positionals.filter((name) => !SCENARIOS.some((one) => one.name === name));
if (values.list) {
  for (const { name, what, cycles: times } of SCENARIOS) console.log(`${name.padEnd(22)}${what} (${times} times)`);
} else if (unknown.length > 0 || !Number.isSafeInteger(seed) || (cycles !== undefined && !(cycles >= 1))) {
  console.error(
    `usage: npm run chaos -- [SCENARIO…] [--cycles N] [--seed N] [--json] [--histories DIRECTORY] | --list`,
  );
  console.error(`scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else {
  const chosen = SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const lived: Lived[] = [];
  for (const scenario of chosen) lived.push(await live(scenario));
  report(lived);
  process.exitCode = lived.every(({ violations, error }) => violations.length === 0 && error === undefined) ? 0 : 1;
}

async function live(scenario: Scenario): Promise<Lived> {
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1_000);
  const say = (line: string): void => console.error(`[${scenario.name} ${seconds()} s] ${line}`);
  say(`${scenario.what}; seed ${seed}`);
  try {
    await using opened = new AsyncDisposableStack();
    const verdict = await scenario.run({
      cycles: cycles ?? scenario.cycles,
      seed,
      clients: CLIENTS,
      say,
      mayMount,
      opened,
    });
    await keep(scenario, verdict);
    return { scenario: scenario.name, seconds: seconds(), figures: verdict.figures, violations: verdict.violations };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { scenario: scenario.name, seconds: seconds(), figures: {}, violations: [], error: text };
  }
}

/** A line a call: tokens are in it by their names only. */
async function keep({ name }: Scenario, { history }: Verdict): Promise<void> {
  if (values.histories === undefined) return;
  const lines = history.records.map((record) => `${JSON.stringify(record)}\n`);
  await writeFile(join(values.histories, `${name}-${seed}.jsonl`), lines.join(""));
}

function report(lived: readonly Lived[]): void {
  for (const { scenario, seconds, figures, violations, error } of lived) {
    if (values.json) {
      console.log(JSON.stringify({ scenario, seed, seconds, violations: violations.length, error, ...figures }));
      continue;
    }
    const verdict = error === undefined ? `${violations.length} violations` : "did not come to its end";
    console.log(`\n${scenario}: ${verdict} (${seconds} s, seed ${seed})`);
    for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(32)}${value}`);
  }
  for (const { scenario, violations, error } of lived) {
    if (error !== undefined) console.error(`\n${scenario}: ${error}`);
    for (const { rule, what, calls } of violations.slice(0, SHOWN)) {
      console.error(`\n${scenario}: ${rule}: ${what}\n${calls.map((call) => `  ${JSON.stringify(call)}`).join("\n")}`);
    }
    if (violations.length > SHOWN) console.error(`\n${scenario}: … ${violations.length} violations in all`);
  }
}
