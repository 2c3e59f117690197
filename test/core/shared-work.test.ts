import { expect, test } from "vitest";
import type { Call } from "../../src/core/call.ts";
import { sharedWork, type Task } from "../../src/core/shared-work.ts";
import { refusal } from "../support/core-requests.ts";
import { leavingCall } from "../support/leaving-call.ts";

/** A task that ends when it is told to, and says how often it was begun and for whom it runs. */
function heldTask(serves = true) {
  const runs: { call: Call | undefined; end(outcome: string): void; fail(error: Error): void }[] = [];
  const task: Task<string> = {
    run: (call) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      runs.push({ call, end: resolve, fail: reject });
      return promise;
    },
    serves: () => serves,
  };
  return { task, runs };
}

test("who asks while a task is under way gets what comes of it, and it is run once", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const asked = Array.from({ length: 100 }, () => share(leavingCall(), "one", task));
  runs[0]?.end("done");
  expect(await Promise.all(asked)).toEqual(asked.map(() => "done"));
  expect(runs).toHaveLength(1);
});

test("tasks of different names are run apart", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const asked = [share(undefined, "one", task), share(undefined, "two", task)];
  runs[0]?.end("first");
  runs[1]?.end("second");
  expect(await Promise.all(asked)).toEqual(["first", "second"]);
});

test("a failure reaches all who wait, and nobody who comes later", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const asked = [share(undefined, "one", task), share(leavingCall(), "one", task)];
  runs[0]?.fail(new Error("failed"));
  for (const each of asked) await expect(each).rejects.toThrow("failed");
  const later = share(undefined, "one", task);
  runs[1]?.end("done");
  expect(await later).toBe("done");
});

test("one that goes waits no longer, the first one too, and the others get what they wait for", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const [first, second] = [leavingCall(), leavingCall()];
  const [left, stays] = [refusal(share(first, "one", task)), share(second, "one", task)];
  first.leave();
  expect(await left).toBe("call_gone");
  expect(runs[0]?.call?.isGone()).toBe(false);
  runs[0]?.end("done");
  expect(await stays).toBe("done");
  expect([first.waiting(), second.waiting()]).toEqual([0, 0]);
});

test("when all have gone the task is told, and who comes then begins anew", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const calls = [leavingCall(), leavingCall()];
  const left = calls.map((call) => refusal(share(call, "one", task)));
  let isTold = false;
  runs[0]?.call?.onGone(() => {
    isTold = true;
  });
  for (const call of calls) call.leave();
  expect(await Promise.all(left)).toEqual(["call_gone", "call_gone"]);
  expect([isTold, runs[0]?.call?.isGone()]).toEqual([true, true]);
  const next = share(leavingCall(), "one", task);
  // Of the task that nobody waits for nobody hears, and it takes nothing away from the next.
  runs[0]?.fail(new Error("failed"));
  const together = share(leavingCall(), "one", task);
  runs[1]?.end("done");
  expect([await next, await together, runs.length]).toEqual(["done", "done", 2]);
});

test("a task of one that never goes is never told that all have gone", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask();
  const call = leavingCall();
  const [stays, left] = [share(undefined, "one", task), refusal(share(call, "one", task))];
  call.leave();
  expect(await left).toBe("call_gone");
  expect(runs[0]?.call?.isGone()).toBe(false);
  runs[0]?.end("done");
  expect(await stays).toBe("done");
});

test("whom an outcome does not serve, since it came later, runs the task again for itself", async () => {
  const share = sharedWork<string>();
  const { task, runs } = heldTask(false);
  const call = leavingCall();
  const [first, later] = [share(undefined, "one", task), share(call, "one", task)];
  runs[0]?.end("old");
  expect(await first).toBe("old");
  await expect.poll(() => runs.length).toBe(2);
  expect(runs[1]?.call).toBe(call);
  runs[1]?.end("new");
  expect(await later).toBe("new");
});

test("a call that has gone already begins nothing", async () => {
  const { task, runs } = heldTask();
  const call = leavingCall();
  call.leave();
  expect(await refusal(sharedWork<string>()(call, "one", task))).toBe("call_gone");
  expect(runs).toHaveLength(0);
});
