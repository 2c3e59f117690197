import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../src/core/ports.ts";
import type { RedisServer } from "../../test/support/redis-server.ts";
import type { Measure } from "../pairs.ts";
import { fill } from "./fill.ts";
import { type PairedRun, quantileMeasures } from "./quantiles.ts";
import { DAY_MS, newRevocation, openBenchStore, SEALED_LENGTH } from "./store.ts";

const SAMPLES = 300;

/** How long an append takes while expired revocations are purged as fast as they can be, beside while nothing is. */
export async function measurePurge(
  redis: RedisServer,
  expired: number,
  report: (measure: Measure) => void,
): Promise<void> {
  await fill(redis, expired, -DAY_MS);
  const store = await openBenchStore(redis.url);
  try {
    const reference = await appends(store, () => true);
    const purging = purgeAll(store);
    const product = await appends(store, () => !purging.isDone());
    const went = await purging.all;
    if (went < expired) throw new Error(`only ${went} of ${expired} expired revocations went`);
    const runs: PairedRun[] = [{ reference, product }];
    for (const measure of quantileMeasures("revocation", "append_while_purging", runs)) report(measure);
  } finally {
    await store.close();
  }
}

function purgeAll(store: Store): { all: Promise<number>; isDone: () => boolean } {
  let isDone = false;
  const purge = async (): Promise<number> => {
    let went = 0;
    for (;;) {
      const count = await store.purge();
      if (count === 0) break;
      went += count;
    }
    isDone = true;
    return went;
  };
  return { all: purge(), isDone: () => isDone };
}

/** Microseconds each. */
async function appends(store: Store, goesOn: () => boolean): Promise<number[]> {
  const took: number[] = [];
  while (took.length < SAMPLES && goesOn()) {
    const sent = process.hrtime.bigint();
    await store.revocations.append(newRevocation(randomBytes(SEALED_LENGTH)));
    took.push(Number(process.hrtime.bigint() - sent) / 1_000);
    await sleep(1);
  }
  return took;
}
