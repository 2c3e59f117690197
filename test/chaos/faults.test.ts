import { expect, test } from "vitest";
import { fullDiskRedis, fullDiskSqlite } from "./scenarios/full-disk.ts";
import { evictingRedis, flushedRedis, frozenRedis, oldAppendOnlyFile } from "./scenarios/redis-faults.ts";
import { clockOfInstance, clockOfRedis, clockOfSqlite } from "./scenarios/wall-clock.ts";
import { lived, sentences, TIMES } from "./short-form.ts";

test.for([
  fullDiskRedis,
  fullDiskSqlite,
  frozenRedis,
  flushedRedis,
  evictingRedis,
  oldAppendOnlyFile,
  clockOfInstance,
  clockOfRedis,
  clockOfSqlite,
])("$what: closed, said in the log, and well again", TIMES, async (scenario) => {
  const { violations, figures } = await lived(scenario, 1);
  expect(sentences(violations)).toEqual([]);
  expect(figures["faults"]).toBe(1);
});
