import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startServerClock } from "../../src/store/redis/server-clock.ts";
import { HOUR } from "./store-under-test.ts";

const MINUTE = 60_000;

/** A server whose clock is off by so much, and which may be away. */
function server() {
  const state = { offset: 0, away: false, slowMs: 0 };
  const clock = startServerClock(async () => {
    if (state.away) {
      throw new Error("away");
    }
    if (state.slowMs > 0) {
      await sleep(state.slowMs);
    }
    const now = Date.now() + state.offset;
    return [String(Math.floor(now / 1_000)), String((now % 1_000) * 1_000)];
  });
  onTestFinished(() => clock.stop());
  return { state, clock };
}

test("the store's time is the server's, whatever this machine's clock says", async () => {
  const { state, clock } = server();
  state.offset = 5 * HOUR;
  await clock.measure();
  expect(Math.abs(clock.now() - Date.now() - 5 * HOUR)).toBeLessThan(MINUTE);
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
  Object.assign(state, { offset: HOUR, slowMs: 500 });
  await clock.measure();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(MINUTE);
});

test("the store's time is whole milliseconds and this machine's before the first measurement", () => {
  const { clock } = server();
  const now = clock.now();
  expect(Number.isInteger(now)).toBe(true);
  expect(Math.abs(now - Date.now())).toBeLessThan(MINUTE);
});
