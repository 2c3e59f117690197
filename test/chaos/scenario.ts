/** What a scenario is, and how each is lived through: under load, then settled, then judged. */
import { checkHistory, type Rules, type Violation } from "./check-history.ts";
import { type History, openHistory } from "./history.ts";
import { MAX_STALENESS_MS } from "./instance-config.ts";
import { startLoad } from "./load.ts";
import type { Callable } from "./recorded-calls.ts";
import { askAll, recovered } from "./settle.ts";

export type Figures = Record<string, number>;

export type Verdict = { figures: Figures; violations: readonly Violation[]; history: History };

export type ScenarioOptions = {
  /** How often the fault comes. */
  cycles: number;
  seed: number;
  /** How many clients the load has. */
  clients: number;
  /** Whether this process may mount disks. */
  mayMount: boolean;
  /** Takes lines of progress. */
  say: (line: string) => void;
  /** Takes what is to be ended afterwards. */
  opened: AsyncDisposableStack;
};

export type Scenario = {
  name: string;
  /** What happens, in a line. */
  what: string;
  /** In the long form. */
  cycles: number;
  run: (options: ScenarioOptions) => Promise<Verdict>;
};

type Lived = { instances: readonly Callable[]; seed: number; clients: number } & Pick<
  Rules,
  "mayLag" | "mayLoseTokens"
>;

/** @param live the faults, which are over when it resolves; its figures come first */
export async function underLoad(lived: Lived, live: (history: History) => Promise<Figures>): Promise<Verdict> {
  const { instances, seed, clients, ...lenience } = lived;
  const history = openHistory();
  const load = startLoad({ instances, seed, clients, history });
  let figures: Figures;
  try {
    figures = await live(history);
  } finally {
    await load.stop();
  }
  const [token = "none"] = history.given;
  await recovered(instances, token, history);
  const settledFrom = await askAll(instances, [...history.given], history);
  const rules: Rules = {
    boundMs: MAX_STALENESS_MS,
    instances: instances.map(({ name }) => name),
    settledFrom,
    ...lenience,
  };
  const violations = checkHistory(history.records, rules);
  return { figures: { ...figures, ...countsOf(history) }, violations, history };
}

/** How many revocations have been acknowledged so far. */
export function acknowledged({ records }: History): number {
  return records.reduce((sum, { call, outcome }) => sum + (call === "revoke" && outcome === "ok" ? 1 : 0), 0);
}

function countsOf({ records }: History): Figures {
  const counts: Figures = { calls: records.length };
  for (const { call, outcome } of records) {
    if (call === "revoke" || call === "refresh") counts[`${call}_${outcome}`] = (counts[`${call}_${outcome}`] ?? 0) + 1;
  }
  return counts;
}
