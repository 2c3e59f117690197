/** A primary is cut off from its replicas, the Sentinels and one instance; another instance goes on talking to it alone. */
import { type SentinelDeployment, type SentinelNode, startRedisSentinel } from "../../support/redis-sentinel.ts";
import { until } from "../../support/until.ts";
import type { Rules } from "../check-history.ts";
import type { History } from "../history.ts";
import { quantiles } from "../quantiles.ts";
import {
  acknowledged,
  type Figures,
  type Scenario,
  type ScenarioOptions,
  underLoad,
  type Verdict,
} from "../scenario.ts";
import { recordedCalls } from "../recorded-calls.ts";
import { worksAgain } from "../settle.ts";
import { otherSideOf, type OtherSide } from "../other-side.ts";
import { type TwoInstances, twoInstances } from "../two-instances.ts";
import { revokedBehind, revokedElsewhere, type Witness } from "../witness.ts";

const REPLICATED: Level = { durability: "replicated", replicas: 1 };
const PROGRESS = 3;
const WITHIN_MS = 40_000;

export const partitionReplicated: Scenario = {
  name: "partition-replicated",
  what: "the primary is cut off and another elected, an instance on each side, each write on a replica",
  cycles: 50,
  run: (options) => cutAgainAndAgain(options, REPLICATED, {}),
};

/** The same, where the instance that is cut off with the primary is another program. */
export function partitionReplicatedWith(program: string): Pick<Scenario, "run"> {
  return { run: (options) => cutAgainAndAgain(options, REPLICATED, {}, program) };
}

export const partitionLocal: Scenario = {
  name: "partition-local",
  what: "the same without waiting for replicas: what the elected one lacks is put back",
  cycles: 50,
  run: (options) => cutAgainAndAgain(options, { durability: "local" }, { mayLag: true, mayLoseTokens: true }),
};

type Level = { durability: "local" } | { durability: "replicated"; replicas: number };

async function cutAgainAndAgain(
  { cycles, seed, clients, say, opened }: ScenarioOptions,
  level: Level,
  lenience: Pick<Rules, "mayLag" | "mayLoseTokens">,
  program?: string,
): Promise<Verdict> {
  const deployment = await startRedisSentinel({ replicas: 2, sentinels: 3 });
  opened.defer(() => deployment.remove());
  const side = await otherSideOf(deployment, opened);
  const instances = await twoInstances({ url: deployment.url, ...level }, opened, [
    {},
    { ...side.how, ...(program === undefined ? {} : { program }) },
  ]);
  return underLoad({ instances, seed, clients, ...lenience }, async (history) => {
    const [one, two] = instances;
    const witness: Witness = { calls: recordedCalls(history, "witness"), one, two };
    const times: Times = { elected: [], recovered: [] };
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await cutOnce(deployment, side, witness, history, times);
      const [token = "none"] = history.given;
      const healed = performance.now();
      await worksAgain(instances, token, history);
      times.recovered.push(performance.now() - healed);
      say(`${cycle + 1} failovers, ${acknowledged(history)} revocations acknowledged`);
    }
    return figuresOf(cycles, times, instances);
  });
}

type Times = { elected: number[]; recovered: number[] };

async function cutOnce(
  deployment: SentinelDeployment,
  side: OtherSide,
  witness: Witness,
  history: History,
  times: Times,
): Promise<void> {
  await progress(history);
  const former = await deployment.primary();
  let begun = 0;
  const askOfBehind = await revokedBehind(witness, () => {
    begun = performance.now();
    former.proxy.hold();
    side.cutOffAllBut(former);
  });
  const elected = await deployment.failedOver(former);
  times.elected.push(performance.now() - begun);
  await progress(history, witness.one.name);
  await revokedElsewhere(witness);
  await askOfBehind();
  former.proxy.resume();
  side.rejoin();
  await until(
    "the former primary follows the elected one",
    async () => ((await follows(former, elected)) ? true : undefined),
    WITHIN_MS,
  );
}

/** Until some more revocations have been acknowledged, by an instance if it is named. */
async function progress(history: History, at?: string): Promise<void> {
  const count = (): number =>
    acknowledged({ ...history, records: history.records.filter((one) => at === undefined || one.at === at) });
  const before = count();
  const where = at === undefined ? "" : ` by ${at}`;
  const enough = (): true | undefined => (count() >= before + PROGRESS ? true : undefined);
  await until(`${PROGRESS} more revocations are acknowledged${where}`, enough, WITHIN_MS);
}

async function follows(former: SentinelNode, elected: SentinelNode): Promise<boolean> {
  const replication = await former.admin.info("replication").catch(() => "");
  return replication.includes(`master_port:${elected.proxy.port}\r`) && replication.includes("master_link_status:up");
}

function figuresOf(cycles: number, { elected, recovered }: Times, instances: TwoInstances): Figures {
  const healings = instances.flatMap((one) => [...one.log().matchAll(/this instance put back (\d+) revocations/g)]);
  return {
    failovers: cycles,
    put_back: healings.reduce((sum, [, count]) => sum + Number(count), 0),
    ...quantiles("elected_after_ms", elected),
    ...quantiles("recovered_after_ms", recovered),
  };
}
