import { describe, expect, test } from "vitest";
import { gate } from "../../src/core/gate.ts";
import { refusal } from "../support/core-requests.ts";
import { leavingCall } from "../support/leaving-call.ts";

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

/** One works, and the clock moves when it is told to. */
function busyGate() {
  const clock = { now: 0 };
  const pass = gate({ atOnce: 1, waiting: 10 }, () => clock.now);
  const running = heldWork();
  return { pass, clock, running, done: pass(undefined, running.work) };
}

test("so much is worked on at once, the rest in the order in which it came", async () => {
  const pass = gate({ atOnce: 2, waiting: 10 });
  const jobs = [heldWork(), heldWork(), heldWork(), heldWork()];
  const [first, second, third, fourth] = jobs;
  const done = jobs.map(({ work }) => pass(undefined, work));
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
  const done = [pass(undefined, running.work), pass(undefined, waiting.work)];
  expect(await refusal(pass(undefined, async () => undefined))).toBe("rate_limited");
  running.end();
  waiting.end();
  await Promise.all(done);
  await pass(undefined, async () => undefined);
});

test("work that fails gives its place back", async () => {
  const pass = gate({ atOnce: 1, waiting: 10 });
  const failing = heldWork();
  const [failed, next] = [pass(undefined, failing.work), pass(undefined, async () => "done")];
  failing.fail();
  await expect(failed).rejects.toThrow("failed");
  expect(await next).toBe("done");
  expect(await pass(undefined, async () => "again")).toBe("again");
});

test("work whose call goes while it waits is never begun, and its place in the queue is free at once", async () => {
  const pass = gate({ atOnce: 1, waiting: 1 });
  const [running, dropped, next] = [heldWork(), heldWork(), heldWork()];
  const call = leavingCall();
  const first = pass(undefined, running.work);
  const refused = refusal(pass(call, dropped.work));
  call.leave();
  expect(await refused).toBe("call_gone");
  const last = pass(undefined, next.work);
  running.end();
  await first;
  expect([dropped.hasBegun, next.hasBegun]).toEqual([false, true]);
  next.end();
  await last;
});

test("work of a call that has gone already does not even wait", async () => {
  const pass = gate({ atOnce: 1, waiting: 1 });
  const work = heldWork();
  const call = leavingCall();
  call.leave();
  expect(await refusal(pass(call, work.work))).toBe("call_gone");
  expect(work.hasBegun).toBe(false);
  expect(await pass(leavingCall(), async () => "done")).toBe("done");
});

test("work that has begun is finished though its call goes, and nothing is left behind at the call", async () => {
  const pass = gate({ atOnce: 1, waiting: 1 });
  const [running, waited] = [heldWork(), heldWork()];
  const call = leavingCall();
  const done = [pass(undefined, running.work), pass(call, waited.work)];
  expect(call.waiting()).toBe(1);
  running.end();
  await done[0];
  expect(call.waiting()).toBe(0);
  call.leave();
  waited.end();
  await Promise.all(done);
});

describe("where more comes than can be done", () => {
  test("who has waited for too long is never worked for, so that who came after is answered soon", async () => {
    const { pass, clock, running, done } = busyGate();
    const [late, timely] = [heldWork(), heldWork()];
    const refused = refusal(pass(undefined, late.work));
    clock.now += 1_000;
    const next = pass(undefined, timely.work);
    clock.now += 1;
    running.end();
    expect(await refused).toBe("rate_limited");
    await done;
    expect([late.hasBegun, timely.hasBegun]).toEqual([false, true]);
    timely.end();
    await next;
  });

  test("who has waited for too long is told when another comes, though nothing ends", async () => {
    const { pass, clock, running, done } = busyGate();
    const call = leavingCall();
    const refused = refusal(pass(call, async () => undefined));
    clock.now += 1_001;
    const next = pass(undefined, async () => "done");
    expect(await refused).toBe("rate_limited");
    expect(call.waiting()).toBe(0);
    running.end();
    await done;
    expect(await next).toBe("done");
  });

  test("nobody is refused for a burst that is worked off", async () => {
    const { pass, clock, running, done } = busyGate();
    const waiting = [pass(undefined, async () => "one"), pass(undefined, async () => "two")];
    clock.now += 1_000;
    running.end();
    await done;
    expect(await Promise.all(waiting)).toEqual(["one", "two"]);
  });
});

test("work that needs no waiting is done, or fails, as any other", async () => {
  const pass = gate({ atOnce: 1, waiting: 0 });
  expect(await pass(undefined, () => "done")).toBe("done");
  const failing = pass(undefined, () => {
    throw new Error("failed");
  });
  await expect(failing).rejects.toThrow("failed");
  expect(await pass(undefined, () => "again")).toBe("again");
});
