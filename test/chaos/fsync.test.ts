/** A killed process leaves the page cache whole: that an acknowledgement follows its fsync is seen in the order of the calls alone. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startRedisServer } from "../support/redis-server.ts";
import { instanceConfig, newMasterKey, type StoreConfig } from "./instance-config.ts";
import { startInstance } from "./instance.ts";
import { buildTrace, type Trace, type Traced } from "./shim.ts";
import { workingDirectory } from "./working-directory.ts";

/** From before a revocation was asked for until it was acknowledged. */
type Span = { fromMs: number; toMs: number };

const REVOCATIONS = 20;
const TIMES = { timeout: 60_000 };

test("SQLite: each revocation is on the disk before it is acknowledged", TIMES, async () => {
  const { directory, opened, trace } = await traced();
  const spans = await revokeOneByOne(`sqlite:${join(directory, "assay.db")}`, directory, opened, trace.environment);
  const seen = await trace.read();
  expect(spans.map((span) => isSyncedFirst(span, seen))).toEqual(spans.map(() => true));
});

test("Redis: each revocation is on the disk before it is acknowledged", TIMES, async () => {
  const { directory, opened, trace } = await traced();
  const redis = await startRedisServer({ environment: trace.environment });
  opened.defer(() => redis.remove());
  const spans = await revokeOneByOne(redis.url, directory, opened);
  const seen = await trace.read();
  expect(spans.map((span) => isSyncedFirst(span, seen))).toEqual(spans.map(() => true));
});

test("a Redis that syncs each second is seen to acknowledge before", TIMES, async () => {
  const { directory, opened, trace } = await traced();
  const redis = await startRedisServer({ environment: trace.environment, extra: ["--appendfsync", "everysec"] });
  opened.defer(() => redis.remove());
  const spans = await revokeOneByOne({ url: redis.url, unsafe_allow_volatile: true }, directory, opened);
  const seen = await trace.read();
  expect(spans.map((span) => isSyncedFirst(span, seen))).toContain(false);
});

test.for<readonly [boolean, readonly Traced["what"][]]>([
  [true, ["socket written", "file written", "file synced", "socket written"]],
  [false, ["socket written", "file written", "socket written", "file synced"]],
  [false, ["file synced", "file written", "socket written"]],
  [false, ["socket written"]],
])("it is %s that a file was synced first in: %s", ([isSynced, order]) => {
  const seen = order.map((what, atMs): Traced => ({ atMs, what, file: what === "socket written" ? 1 : 2 }));
  expect(isSyncedFirst({ fromMs: 0, toMs: order.length }, seen)).toBe(isSynced);
});

/** Whether a file was written and then synced before the last that was sent in this time. */
function isSyncedFirst({ fromMs, toMs }: Span, seen: readonly Traced[]): boolean {
  const within = seen.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const answer = within.findLastIndex(({ what }) => what === "socket written");
  return within.slice(0, Math.max(0, answer)).some(({ what, file }, place) => {
    const isWritten = within
      .slice(0, place)
      .some((earlier) => earlier.what === "file written" && earlier.file === file);
    return what === "file synced" && isWritten;
  });
}

async function traced(): Promise<{ directory: string; opened: AsyncDisposableStack; trace: Trace }> {
  const opened = new AsyncDisposableStack();
  onTestFinished(() => opened.disposeAsync());
  const directory = await workingDirectory(opened);
  return { directory, opened, trace: await buildTrace(directory) };
}

/** Each names another subject, so that each is written. */
async function revokeOneByOne(
  store: StoreConfig,
  directory: string,
  opened: AsyncDisposableStack,
  environment: Trace["environment"] = {},
): Promise<Span[]> {
  const options = { name: "one", directory, config: instanceConfig(store), masterKey: newMasterKey(), environment };
  const instance = await startInstance(options, opened);
  const spans: Span[] = [];
  for (let subject = 0; subject < REVOCATIONS; subject += 1) {
    const fromMs = monotonicMs();
    await instance.client().revoke({ subject: { sub: `subject-${subject}` } });
    spans.push({ fromMs, toMs: monotonicMs() });
  }
  return spans;
}

/** The clock that the trace is written by. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
