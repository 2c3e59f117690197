/**
 * npm run simulate [-- --introspections N] [--seed N] [--days 1-7] [--json]: what a simulated week of honest traffic holds, and what
 * the simulated attacks are: the figures by which the thresholds of detectors are chosen (docs/signals.md).
 */
import { parseArgs } from "node:util";
import { ATTACKS } from "../test/simulation/attacks/all.ts";
import { honestWeek } from "../test/simulation/honest-week.ts";
import { measureWeek, type WeekFigures } from "../test/simulation/measure-week.ts";
import { DAY, SECOND } from "../test/simulation/time.ts";

const { values } = parseArgs({
  options: {
    introspections: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    days: { type: "string", default: "7" },
    json: { type: "boolean", default: false },
  },
});
const [introspections, seed, days] = [values.introspections, values.seed, values.days].map(Number);
if (!isCount(introspections) || !isCount(days) || days > 7 || seed === undefined || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run simulate [-- --introspections N] [--seed N] [--days 1-7] [--json]");
  process.exitCode = 2;
} else {
  const begun = performance.now();
  const figures = measureWeek(honestWeek({ seed, introspections, days }), sayEachDay(begun));
  const seconds = Number(((performance.now() - begun) / SECOND).toFixed(1));
  if (values.json) console.log(JSON.stringify({ seed, days, seconds, ...plain(figures), attacks: attacks(seed) }));
  else print(figures, { seed, days, seconds });
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 1;
}

/** A line on standard error for each simulated day. */
function sayEachDay(begun: number): (at: number) => void {
  let day: number | undefined;
  return (at) => {
    const present = Math.floor(at / DAY);
    if (present === day) return;
    day = present;
    const seconds = ((performance.now() - begun) / SECOND).toFixed(1);
    console.error(`[${seconds} s] ${new Date(at).toISOString().slice(0, 10)}`);
  };
}

function plain(figures: WeekFigures): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      typeof value === "number" ? value : Object.fromEntries(value),
    ]),
  );
}

function attacks(seeded: number) {
  return ATTACKS.map(([name, attack]) => {
    const { finding, observations, hostile, firstHostileAt } = attack(seeded, 0);
    return { name, finding, observations: observations.length, hostile: hostile.size, firstHostileAt };
  });
}

function print(figures: WeekFigures, run: { seed: number; days: number; seconds: number }): void {
  const { introspections: made, byKind, byOutcome, bySource, lookAlikes, spreads } = figures;
  console.log(`${rounded(made)} introspections in ${run.days} days; seed ${run.seed}, ${run.seconds} s`);
  for (const [title, tallied] of [
    ["kind", byKind],
    ["outcome", byOutcome],
    ["source", bySource],
    ["looks like misuse", lookAlikes],
  ] as const) {
    console.log(`\n${title.padEnd(76)}${["count", "in 100,000"].map(column).join("")}`);
    for (const [name, count] of [...tallied].toSorted(([, one], [, other]) => other - one)) {
      const counts = [count, (count / made) * 100_000].map(rounded).map(column);
      console.log(`  ${name.padEnd(74)}${counts.join("")}`);
    }
  }
  console.log(`\n${"how it lies".padEnd(46)}${["of", "median", "p99", "p99.9", "max"].map(column).join("")}`);
  for (const [what, { count, median, p99, p999, max }] of spreads) {
    console.log(`  ${what.padEnd(44)}${[count, median, p99, p999, max].map(rounded).map(column).join("")}`);
  }
  console.log(`\n${"attack".padEnd(30)}${"finding".padEnd(30)}${["seen", "hostile", "first, s"].map(column).join("")}`);
  for (const { name, finding, observations, hostile, firstHostileAt } of attacks(run.seed)) {
    const counts = [observations, hostile, firstHostileAt / SECOND].map(rounded).map(column);
    console.log(`  ${name.padEnd(28)}${finding.padEnd(30)}${counts.join("")}`);
  }
}

function column(text: string): string {
  return text.padStart(12);
}

function rounded(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}
