import { expect, test } from "vitest";
import { sharedAnew } from "../../src/core/shared-anew.ts";

/** Work of which each run ends when it is told to. */
function work() {
  const ends: PromiseWithResolvers<void>[] = [];
  const ask = sharedAnew(() => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  });
  return { ask, ends };
}

test("who asks while it is under way shares the next, never what began before", async () => {
  const { ask, ends } = work();
  const first = ask();
  const others = [ask(), ask(), ask()];
  ends[0]?.resolve();
  await first;
  await Promise.resolve();
  expect(ends).toHaveLength(2);
  ends[1]?.resolve();
  await Promise.all(others);
  expect(ends).toHaveLength(2);
});

test("what fails fails for who shared it alone", async () => {
  const { ask, ends } = work();
  const [first, second] = [ask(), ask()];
  ends[0]?.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  ends[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
  const third = ask();
  ends[2]?.resolve();
  await third;
});
