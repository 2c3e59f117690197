import { expect, test } from "vitest";
import { gate } from "../../src/core/gate.ts";
import { refusal } from "../support/core-requests.ts";

/** Work that ends when it is told to. */
function heldWork() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const job = { hasBegun: false, end: () => resolve(), fail: () => reject(new Error("failed")), work: () => promise };
  job.work = () => {
    job.hasBegun = true;
    return promise;
  };
  return job;
}

test("so much is worked on at once, the rest in the order in which it came", async () => {
  const pass = gate({ atOnce: 2, waiting: 10 });
  const jobs = [heldWork(), heldWork(), heldWork(), heldWork()];
  const [first, second, third, fourth] = jobs;
  const done = jobs.map(({ work }) => pass(work));
  expect(jobs.map(({ hasBegun }) => hasBegun)).toEqual([true, true, false, false]);
  second?.end();
  await done[1];
  expect(jobs.map(({ hasBegun }) => hasBegun)).toEqual([true, true, true, false]);
  third?.end();
  await done[2];
  expect(fourth?.hasBegun).toBe(true);
  first?.end();
  fourth?.end();
  await Promise.all(done);
});

test("when too much waits already, more is refused at once", async () => {
  const pass = gate({ atOnce: 1, waiting: 1 });
  const [running, waiting] = [heldWork(), heldWork()];
  const done = [pass(running.work), pass(waiting.work)];
  expect(await refusal(pass(async () => undefined))).toBe("rate_limited");
  running.end();
  waiting.end();
  await Promise.all(done);
  await pass(async () => undefined);
});

test("work that fails gives its place back", async () => {
  const pass = gate({ atOnce: 1, waiting: 10 });
  const failing = heldWork();
  const [failed, next] = [pass(failing.work), pass(async () => "done")];
  failing.fail();
  await expect(failed).rejects.toThrow("failed");
  expect(await next).toBe("done");
  expect(await pass(async () => "again")).toBe("again");
});
