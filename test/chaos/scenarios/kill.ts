/** kill -9 of the store and of each instance in turn, under load. */
import { setTimeout as sleep } from "node:timers/promises";
import { startRedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { verifierConfig } from "../instance-config.ts";
import { type Instance, startInstance } from "../instance.ts";
import { quantiles } from "../quantiles.ts";
import { seededRandom } from "../random.ts";
import { acknowledged, type Scenario, type ScenarioOptions, underLoad, type Verdict } from "../scenario.ts";
import { recovered } from "../settle.ts";
import { twoInstances } from "../two-instances.ts";
import { workingDirectory } from "../working-directory.ts";

type Victim = { name: string; kill: () => Promise<void>; restart: () => Promise<void> };

/** Acknowledged between two kills, at least: else nothing could be lost. */
const PROGRESS = 3;
const PROGRESS_MS = 30_000;
const GREATEST_DELAY_MS = 150;

export const killRedis: Scenario = {
  name: "kill-redis",
  what: "kill -9 of Redis and of two instances on it, in turn",
  cycles: 200,
  async run(options) {
    const redis = await startRedisServer();
    options.opened.defer(() => redis.remove());
    const instances = await twoInstances(redis.url, options.opened);
    const store = { name: "redis", kill: () => redis.kill(), restart: () => redis.restart() };
    return killInTurn(options, instances, [store, ...instances.map(asVictim)]);
  },
};

export const killSqlite: Scenario = {
  name: "kill-sqlite",
  what: "kill -9 of two instances on one SQLite file, in turn and both at once",
  cycles: 200,
  async run(options) {
    const directory = await workingDirectory(options.opened);
    const instances = await twoInstances(`sqlite:${directory}/assay.db`, options.opened);
    const both: Victim = {
      name: "both",
      kill: async () => void (await Promise.all(instances.map((one) => one.kill()))),
      restart: async () => void (await Promise.all(instances.map((one) => one.start()))),
    };
    const [one, two] = instances;
    return killInTurn(options, instances, [asVictim(one), both, asVictim(two)]);
  },
};

export const killVerifier: Scenario = {
  name: "kill-verifier",
  what: "kill -9 of a verifier, of the two authorities that it follows, and of their Redis, in turn",
  cycles: 100,
  async run(options) {
    const { opened } = options;
    const redis = await startRedisServer();
    opened.defer(() => redis.remove());
    const authorities = await twoInstances(redis.url, opened);
    const directory = await workingDirectory(opened);
    const how = verifierConfig(authorities.map(({ address }) => address));
    const verifier = await startInstance({ name: "verifier", directory, ...how }, opened);
    const store = { name: "redis", kill: async () => redis.kill(), restart: async () => redis.restart() };
    const [one, two] = authorities;
    const victims = [asVictim(one), asVictim(verifier), store, asVictim(two)];
    return killInTurn(options, [...authorities, verifier], victims);
  },
};

async function killInTurn(
  { cycles, seed, clients, say }: ScenarioOptions,
  instances: readonly Instance[],
  victims: readonly Victim[],
): Promise<Verdict> {
  const random = seededRandom(seed);
  return underLoad({ instances, seed, clients }, async (history) => {
    const recoveries: number[] = [];
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const before = acknowledged(history);
      const enough = (): true | undefined => (acknowledged(history) >= before + PROGRESS ? true : undefined);
      await until(`${PROGRESS} more revocations are acknowledged`, enough, PROGRESS_MS);
      const victim = victims[cycle % victims.length];
      // At any moment of what is going on, which is the point.
      await sleep(random.below(GREATEST_DELAY_MS));
      await victim?.kill();
      await sleep(random.below(GREATEST_DELAY_MS));
      await victim?.restart();
      const [token = "none"] = history.given;
      recoveries.push(await recovered(instances, token, history));
      if ((cycle + 1) % 10 === 0) say(`${cycle + 1} kills, ${acknowledged(history)} revocations acknowledged`);
    }
    return { kills: cycles, ...quantiles("recovery_ms", recoveries) };
  });
}

function asVictim({ name, kill, start }: Instance): Victim {
  return { name, kill, restart: start };
}
