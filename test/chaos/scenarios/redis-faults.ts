/** What may happen to a Redis while it runs. */
import { sufferFault } from "../fault.ts";
import { startRedisServer, type RedisServer } from "../../support/redis-server.ts";
import type { Scenario, ScenarioOptions } from "../scenario.ts";
import { until } from "../../support/until.ts";
import { type TwoInstances, twoInstances } from "../two-instances.ts";

const CLOSED = /"event":"store_closed"/;

export const frozenRedis: Scenario = {
  name: "frozen-redis",
  what: "SIGSTOP: its sockets stay open and nothing answers",
  cycles: 20,
  async run(options) {
    const { redis, instances } = await onRedis(options);
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: ANYTHING,
      inject: async () => redis.pause(),
      mend: async () => redis.resume(),
      lastsMs: FROZEN_MS,
    });
  },
};

export const evictingRedis: Scenario = {
  name: "evicting-redis",
  what: "maxmemory-policy is changed while it runs",
  cycles: 20,
  async run(options) {
    const { redis, instances } = await onRedis(options);
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: CLOSED,
      inject: async () => void (await redis.admin.config("SET", "maxmemory-policy", "allkeys-lru")),
      mend: async () => void (await redis.admin.config("SET", "maxmemory-policy", "noeviction")),
    });
  },
};

export const oldAppendOnlyFile: Scenario = {
  name: "old-aof",
  what: "Redis is started from a backup that lacks what was acknowledged since; the instances put it back",
  cycles: 20,
  async run(options) {
    const { redis, instances } = await onRedis(options);
    let restore = await redis.backUp();
    return sufferFault(options, {
      instances,
      closes: "nothing",
      alarm: /"event":"store_rollback"[^]*"event":"store_healed"/,
      inject: async () => restore(),
      mend: async () => {
        restore = await redis.backUp();
      },
      mayLoseTokens: true,
    });
  },
};

export const flushedRedis: Scenario = {
  name: "flushall",
  what: "FLUSHALL: nothing is left, until the operator accepts the loss and the instances put back what they know",
  cycles: 20,
  async run(options) {
    const { redis, instances } = await onRedis(options);
    const [one] = instances;
    let from = 0;
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: CLOSED,
      inject: async () => {
        from = one.log().length;
        await redis.admin.flushall();
      },
      mend: async () => {
        const words = await until(
          "the log names the operator's command",
          () => ACCEPT.exec(one.log().slice(from))?.[1],
        );
        await one.operate([...words.split(" "), "--yes"]);
      },
      mayLoseTokens: true,
    });
  },
};

const ACCEPT = /`assay (store accept-loss --predecessor [0-9a-f-]{36})`/;
const ANYTHING = /(?:)/;
/** From when it is known to be frozen: what is asked at first must be answered before the thaw. */
const FROZEN_MS = 3_000;

async function onRedis({ opened }: ScenarioOptions): Promise<{ redis: RedisServer; instances: TwoInstances }> {
  const redis = await startRedisServer();
  opened.defer(() => redis.remove());
  return { redis, instances: await twoInstances(redis.url, opened) };
}
