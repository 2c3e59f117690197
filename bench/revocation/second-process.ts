/**
 * The other process of a measure: follows a log, or reads all revocations once. Started by the bench with what it is to do; tells by
 * messages what it saw. Instants are those of CLOCK_MONOTONIC (`process.hrtime`), which all processes of a machine share; never those
 * of `performance.now`, which begin with the process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { firstProof, ENTRY_LENGTH, openBenchStore, openView, plainRedis, SEALED_LENGTH } from "./store.ts";

export type Task = "follow-view" | "follow-raw" | "boot-view" | "boot-raw";
/** Nanoseconds, from the sending to here; or of a boot, how many milliseconds it took and what is resident after it, in bytes. */
export type Told = { told: "ready" } | { told: "came"; ns: number } | { told: "booted"; ms: number; resident: number };

export const RAW_STREAM = "bench:raw";
const LIVE_SET = "assay:{revocations}:live";

const [task, place = ""] = process.argv.slice(2);
// Whoever started this has gone.
process.once("disconnect", () => process.exit());

if (task === "follow-view") await followView();
else if (task === "follow-raw") await followRaw();
else if (task === "boot-view") await bootView();
else if (task === "boot-raw") await bootRaw();

/** When it was sent stands at the beginning of what was sealed. */
async function followView(): Promise<void> {
  const view = openView(await openBenchStore(place));
  await firstProof(view);
  view.listen({
    // After the view has taken them.
    logged: (entries) => {
      const now = process.hrtime.bigint();
      for (const { sealed } of entries) if (sealed.length === SEALED_LENGTH) tellWhen(now, sealed);
    },
    proved: () => undefined,
    doubted: () => undefined,
  });
  // The tail begins to wait once it has made a proof of its own.
  await sleep(500);
  tell({ told: "ready" });
}

async function followRaw(): Promise<void> {
  const redis = await plainRedis(place);
  let last = "0-0";
  tell({ told: "ready" });
  for (;;) {
    const [stream] = (await redis.xreadBuffer("BLOCK", 0, "STREAMS", RAW_STREAM, last)) ?? [];
    const now = process.hrtime.bigint();
    for (const [id, fields] of stream?.[1] ?? []) {
      last = id.toString();
      const value = fields[1];
      if (value?.length === ENTRY_LENGTH) tellWhen(now, value);
    }
  }
}

async function bootView(): Promise<void> {
  const store = await openBenchStore(place);
  const started = process.hrtime.bigint();
  const view = openView(store);
  await firstProof(view);
  await tellBooted(Number(process.hrtime.bigint() - started) / 1e6);
  await view.close();
  await store.close();
}

/** Reads the same from Redis, and does nothing with it. */
async function bootRaw(): Promise<void> {
  const redis = await plainRedis(place);
  const started = process.hrtime.bigint();
  let cursor = "0";
  do {
    const [next] = await redis.hscanBuffer(LIVE_SET, cursor, "COUNT", 2_000);
    cursor = next.toString();
  } while (cursor !== "0");
  await tellBooted(Number(process.hrtime.bigint() - started) / 1e6);
  redis.disconnect();
}

/** What is garbage is not held: V8 collects it when it sees fit, and is asked to now, as the product asks after its start. */
async function tellBooted(ms: number): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    await sleep(100);
  }
  tell({ told: "booted", ms, resident: process.memoryUsage.rss() });
}

function tellWhen(now: bigint, bytes: Buffer): void {
  tell({ told: "came", ns: Number(now - bytes.readBigUInt64BE(0)) });
}

function tell(told: Told): void {
  process.send?.(told);
}
