/** Wall clocks that jump by an hour, to and fro: of an instance, and of the store. */
import { startRedisServer } from "../../support/redis-server.ts";
import { sufferFault } from "../fault.ts";
import type { Scenario } from "../scenario.ts";
import { buildShim } from "../shim.ts";
import { twoInstances } from "../two-instances.ts";
import { workingDirectory } from "../working-directory.ts";

const HOUR_MS = 3_600_000;
const CLOSED = /"event":"store_closed"/;

export const clockOfInstance: Scenario = {
  name: "clock-of-instance",
  what: "the wall clock of one of two instances on Redis jumps by an hour",
  cycles: 20,
  async run(options) {
    const { environment, set } = await buildShim("clock", await workingDirectory(options.opened));
    const redis = await startRedisServer();
    options.opened.defer(() => redis.remove());
    const instances = await twoInstances(redis.url, options.opened, [{ environment }, {}]);
    const affected = instances.slice(0, 1);
    return sufferFault(options, {
      instances,
      affected,
      closes: "introspect",
      alarm: CLOSED,
      inject: jump(set),
      mend: () => set(0),
    });
  },
};

export const clockOfSqlite: Scenario = {
  name: "clock-of-sqlite",
  what: "the wall clock of the machine jumps by an hour, under two instances on one SQLite file",
  cycles: 20,
  async run(options) {
    const directory = await workingDirectory(options.opened);
    const { environment, set } = await buildShim("clock", directory);
    const how = { environment };
    const instances = await twoInstances(`sqlite:${directory}/assay.db`, options.opened, [how, how]);
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: CLOSED,
      inject: jump(set),
      mend: () => set(0),
    });
  },
};

export const clockOfRedis: Scenario = {
  name: "clock-of-redis",
  what: "the wall clock of Redis jumps by an hour",
  cycles: 20,
  async run(options) {
    const { environment, set } = await buildShim("clock", await workingDirectory(options.opened));
    const redis = await startRedisServer({ environment });
    options.opened.defer(() => redis.remove());
    const instances = await twoInstances(redis.url, options.opened);
    return sufferFault(options, {
      instances,
      closes: "introspect",
      alarm: CLOSED,
      inject: jump(set),
      mend: () => set(0),
    });
  },
};

/** Forwards, then back, then forwards … */
function jump(set: (offsetMs: number) => Promise<void>): (cycle: number) => Promise<void> {
  return (cycle) => set(cycle % 2 === 0 ? HOUR_MS : -HOUR_MS);
}
