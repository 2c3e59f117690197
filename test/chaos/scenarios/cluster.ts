/** A Redis Cluster whose slots move and whose primaries die, under load. */
import { type ClusterNode, type RedisCluster, startRedisCluster } from "../../support/redis-cluster.ts";
import { until } from "../../support/until.ts";
import { quantiles } from "../quantiles.ts";
import { type Random, seededRandom } from "../random.ts";
import { acknowledged, type Scenario, underLoad } from "../scenario.ts";
import { worksAgain } from "../settle.ts";
import { twoInstances } from "../two-instances.ts";

const PROGRESS = 3;
const WITHIN_MS = 40_000;
/** Of the slot that holds the log and the live set. */
const LOG = "assay:{revocations}:log";
const SLOTS = 16_384;
const MOVED = 20;

export const cluster: Scenario = {
  name: "cluster",
  what: "in a Cluster of six the revocations' slot and some others move, their primary is killed, and another primary is",
  cycles: 30,
  async run({ cycles, seed, clients, say, opened }) {
    const redis = await startRedisCluster();
    opened.defer(() => redis.remove());
    const random = seededRandom(seed);
    const instances = await twoInstances({ url: redis.url, durability: "replicated", replicas: 1 }, opened);
    return underLoad({ instances, seed, clients }, async (history) => {
      const recoveries: number[] = [];
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        const before = acknowledged(history);
        const enough = (): true | undefined => (acknowledged(history) >= before + PROGRESS ? true : undefined);
        await until(`${PROGRESS} more revocations are acknowledged`, enough, WITHIN_MS);
        const begun = performance.now();
        await happen(redis, cycle, random);
        const [token = "none"] = history.given;
        await worksAgain(instances, token, history);
        recoveries.push(performance.now() - begun);
        say(`${cycle + 1} of ${cycles}, ${acknowledged(history)} revocations acknowledged`);
      }
      return { changes: cycles, ...quantiles("changed_and_recovered_ms", recoveries) };
    });
  },
};

async function happen(redis: RedisCluster, cycle: number, random: Random): Promise<void> {
  const holder = await redis.holderOf(LOG);
  switch (cycle % 3) {
    case 0:
      return reshard(redis, holder, random);
    case 1:
      return failOver(redis, holder, LOG);
    default: {
      const key = await keyElsewhere(redis, holder, random);
      return failOver(redis, await redis.holderOf(key), key);
    }
  }
}

/** The revocations' slot and some others go to another primary. */
async function reshard(redis: RedisCluster, holder: ClusterNode, random: Random): Promise<void> {
  const to = await redis.holderOf(await keyElsewhere(redis, holder, random));
  const others = Array.from({ length: MOVED }, () => random.below(SLOTS));
  for (const slot of [await redis.slotOf(LOG), ...others]) await redis.moveSlot(slot, to);
}

/** kill -9; it comes back once another has taken its place. What Redis then makes of its slots is not what is judged here. */
async function failOver(redis: RedisCluster, primary: ClusterNode, key: string): Promise<void> {
  await primary.end("SIGKILL");
  await until(
    "another has taken its place",
    async () => ((await redis.holderOf(key)) === primary ? undefined : true),
    WITHIN_MS,
  );
  await primary.restart();
  await redis.settled();
}

async function keyElsewhere(redis: RedisCluster, holder: ClusterNode, random: Random): Promise<string> {
  return until("another primary has slots", async () => {
    const key = `key-${random.below(SLOTS)}`;
    return (await redis.holderOf(key)) === holder ? undefined : key;
  });
}
