/**
 * npm run simulate [-- --introspections N] [--seed N] [--days 1-7] [--json]: what a simulated week of honest traffic holds, what
 * the detectors find in it, and how soon they find the simulated attacks: the figures by which thresholds are chosen (docs/signals.md).
 */
import { parseArgs } from "node:util";
import { ATTACKS } from "../test/simulation/attacks/all.ts";
import { findAttacks } from "../test/simulation/find-attacks.ts";
import { honestWeek } from "../test/simulation/honest-week.ts";
import { judgeWeek, type WeekJudged } from "../test/simulation/judge-week.ts";
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
/** So many introspections a week go on beside the attacks. */
const HONEST_BESIDE_ATTACKS = 100_000;

const [introspections, seed, days] = [values.introspections, values.seed, values.days].map(Number);
if (!isCount(introspections) || !isCount(days) || days > 7 || seed === undefined || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run simulate [-- --introspections N] [--seed N] [--days 1-7] [--json]");
  process.exitCode = 2;
} else {
  const begun = performance.now();
  const asThree = judgeWeek(honestWeek({ seed, introspections, days }), "three");
  const asOne = judgeWeek(asThree.week, "one");
  const figures = measureWeek(asOne.week, sayEachDay(begun));
  const judged = { three: asThree.judged(), one: asOne.judged() };
  const seconds = Number(((performance.now() - begun) / SECOND).toFixed(1));
  if (values.json) {
    const detectors = { three: plain(judged.three), one: plain(judged.one) };
    console.log(
      JSON.stringify({
        seed,
        days,
        seconds,
        ...plain({ ...figures, spreads: new Map(figures.spreads) }),
        detectors,
        attacks: attacks(seed),
      }),
    );
  } else {
    print(figures, { seed, days, seconds });
    printFound(judged);
    printAttacks(seed);
  }
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

function plain(figures: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value]),
  );
}

/** Each attack, with how soon it is found among honest traffic. */
function attacks(seeded: number) {
  const found = new Map(findAttacks(seeded, HONEST_BESIDE_ATTACKS).map((judged) => [judged.name, judged]));
  return ATTACKS.map(([name, attack]) => {
    const { finding, observations, hostile, firstHostileAt } = attack(seeded, 0);
    const { alarm, delay, acts } = found.get(name) ?? { alarm: undefined, delay: Infinity, acts: hostile.size };
    const { kind, severity } = alarm?.finding ?? { kind: "not found", severity: "info" };
    return {
      name,
      finding,
      observations: observations.length,
      hostile: hostile.size,
      firstHostileAt,
      kind,
      severity,
      delay,
      acts,
    };
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
}

function printFound({ three, one }: { three: WeekJudged; one: WeekJudged }): void {
  const title = "found in honest traffic, in 100,000 introspections";
  console.log(`\n${title.padEnd(76)}${["3 instances", "1 instance"].map(column).join("")}`);
  const names = new Set([...three.found.keys(), ...one.found.keys()]);
  const inMany = ({ introspections: made }: WeekJudged, count: number): string =>
    column(rounded((count / made) * 100_000));
  for (const name of Array.from(names).toSorted()) {
    const counts = [three, one].map((judged) => inMany(judged, judged.found.get(name) ?? 0));
    console.log(`  ${name.padEnd(74)}${counts.join("")}`);
  }
  const all = [three, one].map((judged) => inMany(judged, judged.warnings.length));
  console.log(`  ${"all warnings".padEnd(74)}${all.join("")}`);
}

function printAttacks(seeded: number): void {
  const columns = ["seen", "hostile", "after acts", "after, s"].map(column).join("");
  console.log(`\n${"attack".padEnd(30)}${"found as".padEnd(36)}${columns}`);
  for (const { name, kind, severity, observations, hostile, acts, delay } of attacks(seeded)) {
    const counts = [observations, hostile, acts, delay / SECOND].map(rounded).map(column);
    console.log(`  ${name.padEnd(28)}${`${severity} ${kind}`.padEnd(36)}${counts.join("")}`);
  }
}

function column(text: string): string {
  return text.padStart(12);
}

function rounded(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}
