/** The clock of the machine is the store's: one that jumps, or is behind what was written, is not believed. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../src/core/ports.ts";
import { guardClock } from "../../src/store/sqlite/clock-guard.ts";
import { openSqliteStore } from "../../src/store/sqlite/open-sqlite-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { follow } from "./recording-follower.ts";
import { refusalOf } from "./refusal-of.ts";
import { digest, GREATEST_LIFETIME, HOUR, NOW, revocation, SECOND } from "./store-under-test.ts";

const UNAVAILABLE = { code: "store_unavailable" };
const MINUTE = 60 * SECOND;

test.for([HOUR, -HOUR, 1_500, -1_500])(
  "a jump of the clock by %i ms closes the store until it agrees again",
  async (jump) => {
    const wall = steppable();
    const events: string[] = [];
    const store = await open(await newFile(), wall, ({ event }) => events.push(event));
    const { follower, following } = await follow(store);
    wall.step(jump);
    await expect(store.revocations.append(revocation())).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.families.read(digest())).rejects.toMatchObject(UNAVAILABLE);
    await expect(following.prove()).rejects.toMatchObject(UNAVAILABLE);
    expect(await store.problem()).toMatch(/clock has jumped by -?\d+\.\d s.*Set it right/);
    expect(follower.doubts).toBe(1);
    wall.step(-jump);
    await following.prove();
    await store.revocations.append(revocation());
    expect(await store.problem()).toBeUndefined();
    expect(events).toEqual(["store_closed", "store_opened"]);
  },
);

test("what is under way when the clock jumps is judged as if it had not", () => {
  let [wall, monotonic] = [NOW, 0];
  const guard = guardClock(
    () => wall,
    () => monotonic,
  );
  wall += 900;
  expect(guard.now()).toBe(NOW + 900);
  wall -= HOUR;
  monotonic += SECOND;
  expect(guard.now()).toBe(NOW + SECOND);
});

test("a machine that slept has not set its clock, and one that set its clock has not slept", () => {
  let [wall, monotonic, uptime] = [NOW, 0, 0];
  const guard = guardClock(
    () => wall,
    () => monotonic,
    () => uptime,
  );
  [wall, uptime, monotonic] = [wall + HOUR, HOUR, monotonic + SECOND];
  expect(guard.problem()).toBeUndefined();
  expect(guard.now()).toBe(NOW + HOUR);
  wall += HOUR;
  expect(guard.problem()).toMatch(/clock has jumped by 3600\.\d s/);
});

test("small steps are not a jump, and do not add up to one", () => {
  let [wall, monotonic] = [NOW, 0];
  const guard = guardClock(
    () => wall,
    () => monotonic,
  );
  for (let minute = 0; minute < 10; minute += 1) {
    wall += 2 * MINUTE + 900;
    monotonic += 2 * MINUTE;
    expect(guard.problem()).toBeUndefined();
  }
  wall += 1_100;
  expect(guard.problem()).toContain("jumped by 1.1 s");
});

test("a start whose clock is more than five minutes behind what was written last is refused", async () => {
  const path = await newFile();
  await writeAt(path, NOW);
  const message = await refusalOf(open(path, at(NOW - 6 * MINUTE)));
  expect(message).toMatch(/was last written at 2096.*still to come by this machine's clock.*Set the clock right/);
});

test("a start whose clock is a little behind, or ahead, is not refused", async () => {
  const path = await newFile();
  await writeAt(path, NOW);
  for (const time of [NOW - 4 * MINUTE, NOW + 1_000 * HOUR]) {
    const store = await open(path, at(time));
    expect(await store.problem()).toBeUndefined();
    await store.close();
  }
});

test("a purge alone says that the store is alive", async () => {
  const path = await newFile();
  const store = await open(path, at(NOW));
  await store.purge();
  await store.close();
  expect(await refusalOf(open(path, at(0)))).toContain("was last written at 2096");
});

type SteppableClock = Clock & { step(ms: number): void };

function steppable(): SteppableClock {
  let stepped = 0;
  return {
    now: () => Date.now() + stepped,
    step: (ms) => {
      stepped += ms;
    },
  };
}

/** Goes on from there. */
function at(time: number): Clock {
  const from = performance.now();
  return { now: () => Math.round(time + performance.now() - from) };
}

async function newFile(): Promise<string> {
  return join(await temporaryDirectory(), "assay.db");
}

async function writeAt(path: string, time: number): Promise<void> {
  const store = await open(path, at(time));
  await store.revocations.append(revocation());
  await store.close();
}

async function open(path: string, wallClock: Clock, log?: (event: { event: string }) => void) {
  const options = { path, wallClock, timeoutMs: 10_000, greatestLifetimeMs: GREATEST_LIFETIME };
  const store = await openSqliteStore(log === undefined ? options : { ...options, log });
  onTestFinished(() => store.close());
  return store;
}
