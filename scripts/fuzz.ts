/**
 * npm run fuzz -- --minutes 60 [--seed N]: mutated tokens of every form through the introspection of the core, until the time
 * is up. None may be active. Ends with exit code 1 at the first that is, and says how to see it again.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { anything } from "../test/property/anything.ts";
import { forgeries } from "../test/property/forgery.ts";
import { genuineTokens } from "../test/property/genuine-tokens.ts";
import { textMutations } from "../test/property/text-mutation.ts";
import { openTestCore, type TestCore } from "../test/support/core-environment.ts";
import { stateOf } from "../test/support/core-requests.ts";

type Figures = { runs: number; seconds: number; actives: number; reasons: Map<string, number> };
type Genuine = readonly (readonly [form: string, token: string])[];

const BATCH = 500;
const REPORT_MS = 60_000;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "1" }, seed: { type: "string" } } });
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error("usage: npm run fuzz -- --minutes N [--seed N]");

const undo: (() => Promise<void>)[] = [];
const core = await openTestCore((step) => undo.unshift(step));
try {
  const figures = await fuzz(core, [...(await genuineTokens(core))]);
  print("fuzz", figures);
  process.exitCode = figures.actives === 0 ? 0 : 1;
} finally {
  for (const step of undo) await step();
}

async function fuzz(target: TestCore, genuine: Genuine): Promise<Figures> {
  const started = performance.now();
  const figures: Figures = { runs: 0, seconds: 0, actives: 0, reasons: new Map() };
  let reported = started;
  for (let batch = 0; figures.actives === 0 && performance.now() - started < minutes * 60_000; batch++) {
    await runBatch(target, genuine, batch, figures);
    figures.seconds = (performance.now() - started) / 1_000;
    if (performance.now() - reported < REPORT_MS) continue;
    reported = performance.now();
    print("so far", figures);
  }
  for (const [form, token] of genuine) {
    if ((await stateOf(target, token)) !== "active")
      throw new Error(`${form} is not active any more: nothing was proved`);
  }
  return figures;
}

/** One form of token a batch, and now and then what never was one. */
async function runBatch(target: TestCore, genuine: Genuine, batch: number, figures: Figures): Promise<void> {
  const [form, token] = genuine[batch % (genuine.length + 1)] ?? ["no token at all", undefined];
  const tokens = genuine.map(([, text]) => text);
  const options = { seed: (seed + batch) | 0, numRuns: BATCH };
  const mutations = fc.oneof({ weight: 1, arbitrary: textMutations }, { weight: 2, arbitrary: forgeries(tokens) });
  const altered =
    token === undefined ? fc.sample(anything, options) : fc.sample(mutations, options).map((mutate) => mutate(token));
  for (const text of altered) {
    if (tokens.includes(text)) continue;
    const state = await stateOf(target, text);
    figures.runs += 1;
    figures.reasons.set(state, (figures.reasons.get(state) ?? 0) + 1);
    if (state !== "active") continue;
    figures.actives += 1;
    console.log(JSON.stringify({ found: form, seed, batch, token: text, genuine: token }));
  }
}

function print(what: string, { runs, seconds, actives, reasons }: Figures): void {
  console.log(
    JSON.stringify({
      [what]: {
        seed,
        runs,
        minutes: Number((seconds / 60).toFixed(1)),
        runs_per_second: Math.round(runs / seconds),
        actives_found: actives,
        reasons: Object.fromEntries([...reasons].toSorted(([, a], [, b]) => b - a)),
      },
    }),
  );
}
