import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startServerClock } from "../../src/store/server-clock.ts";
import { HOUR } from "./store-under-test.ts";

const MINUTE = 60_000;

/** A server whose clock is off by so much, and which may be away. */
function server() {
  const state = { offset: 0, away: false, slowMs: 0 };
  const wall = { offset: 0 };
  const wallClock = { now: () => Date.now() + wall.offset };
  const clock = startServerClock(async () => {
    if (state.away) {
      throw new Error("away");
    }
    if (state.slowMs > 0) {
      await sleep(state.slowMs);
    }
    return Date.now() + state.offset;
  }, wallClock);
  return { state, clock, wall };
}

test("the store's time is the server's, whatever this machine's clock says", async () => {
  const { state, clock } = server();
  state.offset = 5 * HOUR;
  await clock.measure();
  expect(Math.abs(clock.now() - Date.now() - 5 * HOUR)).toBeLessThan(MINUTE);
});

test("the earliest that it may be is never ahead of the server's, however late the question got there", async () => {
  // The question waits on this machine, and the answer is quick: half of both is not the way of either.
  const clock = startServerClock(async () => {
    await sleep(200);
    return performance.now();
  });
  await clock.measure();
  expect(clock.earliest()).toBeLessThanOrEqual(performance.now());
  expect(clock.now()).toBeGreaterThan(performance.now());
});

test("the last offset stays while the server is away", async () => {
  const { state, clock } = server();
  state.offset = -3 * HOUR;
  await clock.measure();
  state.away = true;
  await expect(clock.measure()).rejects.toThrow("away");
  expect(Math.abs(clock.now() - Date.now() + 3 * HOUR)).toBeLessThan(MINUTE);
});

test("an answer that was long on its way does not replace a better measurement", async () => {
  const { state, clock } = server();
  await clock.measure();
  const before = clock.now() - performance.now();
  Object.assign(state, { slowMs: 500 });
  await clock.measure();
  // Half of the way there and back would be taken for the store's lead.
  expect(Math.abs(clock.now() - performance.now() - before)).toBeLessThan(100);
});

test("the store's time is whole milliseconds and this machine's before the first measurement", () => {
  const { clock } = server();
  const now = clock.now();
  expect(Number.isInteger(now)).toBe(true);
  expect(Math.abs(now - Date.now())).toBeLessThan(MINUTE);
});

test.for([HOUR, -HOUR])("a server whose clock jumps by %i ms disagrees, until two measurements agree", async (jump) => {
  const { state, clock, wall } = server();
  await clock.measure();
  expect(clock.disagreement()).toBeUndefined();
  Object.assign(state, { offset: jump });
  wall.offset = jump;
  await clock.measure();
  expect(clock.disagreement()).toMatch(/the store's clock was set 3\d{3}\.\d s (ahead|back)/);
  await clock.measure();
  expect(clock.disagreement()).toBeUndefined();
  expect(Math.abs(clock.now() - Date.now() - jump)).toBeLessThan(MINUTE);
});

test.for([HOUR, -HOUR])("what is under way when the clock jumps by %i ms is judged as if it had not", async (jump) => {
  const { state, clock } = server();
  await clock.measure();
  state.offset = jump;
  for (let times = 0; times < 3; times += 1) {
    await clock.measure();
    expect(clock.disagreement()).toBeDefined();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(MINUTE);
  }
  state.offset = 0;
  await clock.measure();
  await clock.measure();
  expect(clock.disagreement()).toBeUndefined();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(MINUTE);
});

test("clocks less than a second apart agree, and more do not", async () => {
  const { clock, wall } = server();
  wall.offset = 900;
  await clock.measure();
  expect(clock.disagreement()).toBeUndefined();
  wall.offset = 2_000;
  await clock.measure();
  expect(clock.disagreement()).toMatch(/this machine's clock is 2\.0 s ahead/);
});

test("a machine that slept disagrees before the next measurement, for its own clock went on", async () => {
  const { clock, wall } = server();
  await clock.measure();
  wall.offset = 2_000;
  expect(clock.disagreement()).toMatch(/this machine's clock is 2\.0 s ahead/);
});

test("of another server nothing is known before the next measurement, which counts however doubtful it is", async () => {
  const { state, clock } = server();
  await clock.measure();
  const before = clock.now() - performance.now();
  clock.restart();
  expect(clock.uncertainty()).toBe(Infinity);
  Object.assign(state, { slowMs: 100, offset: 600 });
  await clock.measure();
  expect(clock.now() - performance.now() - before).toBeGreaterThan(500);
});

test("what a former server answers late is not heard", async () => {
  const { state, clock } = server();
  state.slowMs = 50;
  const late = clock.measure();
  clock.restart();
  await late;
  expect(clock.uncertainty()).toBe(Infinity);
});
