import { expect, onTestFinished, test } from "vitest";
import { every } from "../../src/compose/every.ts";
import { eventually } from "../support/eventually.ts";

test("work is done at once, and again and again, never twice at a time", async () => {
  let done = 0;
  let running = 0;
  let most = 0;
  const repeated = every(1, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    done++;
  });
  onTestFinished(() => repeated.stop());
  await repeated.first;
  expect(done).toBe(1);
  await eventually("five turns", () => done >= 5 || undefined);
  expect(most).toBe(1);
});

test("a stop tells the work, waits for it, and no turn comes after", async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  let ended = 0;
  const repeated = every(1, async (stopped) => {
    start();
    await new Promise((resolve) => stopped.addEventListener("abort", resolve));
    ended++;
  });
  await started;
  await repeated.stop();
  expect(ended).toBe(1);
});
