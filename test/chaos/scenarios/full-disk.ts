/** The disk under the store is full: what cannot be written is not acknowledged, and what was acknowledged stays. */
import { join } from "node:path";
import { startRedisServer } from "../../support/redis-server.ts";
import { sufferFault } from "../fault.ts";
import type { Scenario, ScenarioOptions } from "../scenario.ts";
import { mountSmallDisk, pretendSmallDisk, type SmallDisk } from "../small-disk.ts";
import { twoInstances } from "../two-instances.ts";

export const fullDiskSqlite: Scenario = {
  name: "full-disk-sqlite",
  what: "the disk under SQLite is full",
  cycles: 20,
  async run(options) {
    const { directory, environment, fill, free } = await smallDisk(options);
    const how = { environment };
    const instances = await twoInstances(`sqlite:${join(directory, "assay.db")}`, options.opened, [how, how]);
    return sufferFault(options, {
      instances,
      closes: "revoke",
      alarm: /"level":"(?:warn|error)"/,
      inject: fill,
      mend: free,
    });
  },
};

export const fullDiskRedis: Scenario = {
  name: "full-disk-redis",
  what: "the disk under Redis is full: with appendfsync always it ends itself",
  cycles: 20,
  async run(options) {
    const { directory, environment, fill, free } = await smallDisk(options);
    const redis = await startRedisServer({ within: directory, environment });
    options.opened.defer(() => redis.remove());
    const instances = await twoInstances(redis.url, options.opened);
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: /"event":"store_closed"/,
      inject: fill,
      mend: async () => {
        await free();
        await redis.kill();
        await redis.restart();
      },
    });
  },
};

function smallDisk({ mayMount, opened }: ScenarioOptions): Promise<SmallDisk> {
  return mayMount ? mountSmallDisk(opened) : pretendSmallDisk(opened);
}
