import type { Scenario } from "../scenario.ts";
import { cluster } from "./cluster.ts";
import { fullDiskRedis, fullDiskSqlite } from "./full-disk.ts";
import { killRedis, killSqlite, killVerifier } from "./kill.ts";
import { partitionLocal, partitionReplicated } from "./partition.ts";
import { evictingRedis, flushedRedis, frozenRedis, oldAppendOnlyFile } from "./redis-faults.ts";
import { clockOfInstance, clockOfRedis, clockOfSqlite } from "./wall-clock.ts";

/** In the order of `npm run chaos`. */
export const SCENARIOS: readonly Scenario[] = [
  killRedis,
  killSqlite,
  killVerifier,
  partitionReplicated,
  partitionLocal,
  cluster,
  fullDiskRedis,
  fullDiskSqlite,
  frozenRedis,
  flushedRedis,
  evictingRedis,
  oldAppendOnlyFile,
  clockOfInstance,
  clockOfRedis,
  clockOfSqlite,
];
