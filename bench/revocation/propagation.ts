import { randomBytes } from "node:crypto";
import type { Revocations } from "../../src/core/revocations/revocations.ts";
import type { Measure } from "../pairs.ts";
import { type PairedRun, quantileMeasures } from "./quantiles.ts";
import { RAW_STREAM } from "./second-process.ts";
import { type SecondProcess, startSecond } from "./start-second.ts";
import {
  firstProof,
  ENTRY_LENGTH,
  newRevocation,
  openBenchStore,
  openView,
  plainRedis,
  SEALED_LENGTH,
  type StorePlace,
} from "./store.ts";

export type Size = { runs: number; samples: number };

type Samples = Record<keyof PairedRun, number[]>;

const WARM_UP = 50;

/**
 * From the sending of an append until the view of another process has applied it, beside a bare XADD until a blocked XREAD of another
 * process returns it: in turn, at one Redis, so that both wait for the same fsync.
 */
export async function measurePropagation(url: string, size: Size, report: (measure: Measure) => void): Promise<void> {
  const store = await openBenchStore(url);
  const view = openView(store);
  const raw = await plainRedis(url);
  const followers = { view: startSecond("follow-view", url), raw: startSecond("follow-raw", url) };
  try {
    await Promise.all([followers.view.next(), followers.raw.next(), firstProof(view)]);
    const sendRaw = (): Promise<unknown> => raw.xadd(RAW_STREAM, "*", "r", stamped(ENTRY_LENGTH));
    const sides = {
      reference: () => came(followers.raw, sendRaw),
      product: () => came(followers.view, () => append(view)),
    };
    await sampleRun(sides, WARM_UP);
    const runs: PairedRun[] = [];
    while (runs.length < size.runs) runs.push(await sampleRun(sides, size.samples));
    for (const measure of quantileMeasures("revocation", "propagation", runs)) report(measure);
  } finally {
    await Promise.all([followers.view.stop(), followers.raw.stop()]);
    raw.disconnect();
    await view.close();
    await store.close();
  }
}

/** Between two processes that share a file; beside it, until the append is acknowledged to who sent it. */
export async function measureSqlitePropagation(
  path: StorePlace,
  size: Size,
  report: (measure: Measure) => void,
): Promise<void> {
  const store = await openBenchStore(path);
  const view = openView(store);
  const follower = startSecond("follow-view", path);
  try {
    await Promise.all([follower.next(), firstProof(view)]);
    const runs: PairedRun[] = [];
    while (runs.length < size.runs) runs.push(await acknowledgedRun(view, follower, size.samples));
    for (const measure of quantileMeasures("revocation", "propagation_sqlite", runs)) report(measure);
  } finally {
    await follower.stop();
    await view.close();
    await store.close();
  }
}

async function sampleRun(
  sides: Readonly<Record<keyof PairedRun, () => Promise<number>>>,
  samples: number,
): Promise<PairedRun> {
  const run: Samples = { reference: [], product: [] };
  for (let sample = 0; sample < samples; sample++) {
    run.reference.push(await sides.reference());
    run.product.push(await sides.product());
  }
  return run;
}

async function acknowledgedRun(view: Revocations, follower: SecondProcess, samples: number): Promise<PairedRun> {
  const run: Samples = { reference: [], product: [] };
  for (let sample = 0; sample < samples; sample++) {
    const sent = process.hrtime.bigint();
    let acknowledged = sent;
    const send = async (): Promise<void> => {
      await append(view);
      acknowledged = process.hrtime.bigint();
    };
    run.product.push(await came(follower, send));
    run.reference.push(Number(acknowledged - sent) / 1_000);
  }
  return run;
}

/** Microseconds, as the other process tells them. */
async function came(follower: SecondProcess, send: () => Promise<unknown>): Promise<number> {
  const [told] = await Promise.all([follower.next(), send()]);
  if (told.told !== "came") throw new Error(`the second process told '${told.told}' instead`);
  return told.ns / 1_000;
}

function append(view: Revocations): Promise<unknown> {
  return view.append(newRevocation(stamped(SEALED_LENGTH)));
}

/** Begins with when it is sent. */
function stamped(length: number): Buffer {
  const bytes = randomBytes(length);
  bytes.writeBigUInt64BE(process.hrtime.bigint());
  return bytes;
}
