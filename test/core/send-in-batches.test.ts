import { expect, test } from "vitest";
import { sendInBatches } from "../../src/core/send-in-batches.ts";
import { eventually } from "../support/eventually.ts";

/** A receiver that the test plays: it takes when it is told to. */
function receiver() {
  const batches: number[][] = [];
  const answers: PromiseWithResolvers<number>[] = [];
  let lost = 0;
  const sending = sendInBatches<number>({
    send(batch) {
      batches.push([...batch]);
      const answer = Promise.withResolvers<number>();
      answers.push(answer);
      return answer.promise;
    },
    lost: (count) => {
      lost += count;
    },
    pauseMs: 0,
  });
  const asked = (count: number) => eventually(`it is sent ${count} batches`, () => answers[count - 1]);
  return {
    ...sending,
    batches,
    asked,
    take: async (count: number, missing = 0) => (await asked(count)).resolve(missing),
    refuse: async (count: number) => (await asked(count)).reject(new Error("not now")),
    lost: () => lost,
    putMany: (count: number) => {
      for (let item = 0; item < count; item++) sending.put(item);
    },
  };
}

test("what comes while a batch is under way goes together with the next, in order", async () => {
  const to = receiver();
  to.putMany(5);
  await to.take(1);
  await to.take(2);
  await to.close();
  expect(to.batches).toEqual([[0], [1, 2, 3, 4]]);
  expect(to.lost()).toBe(0);
});

test("a batch has at most a hundred", async () => {
  const to = receiver();
  to.putMany(202);
  for (const count of [1, 2, 3, 4]) await to.take(count);
  await to.close();
  expect(to.batches.map(({ length }) => length)).toEqual([1, 100, 100, 1]);
});

test("what was not taken is sent again, before what came later", async () => {
  const to = receiver();
  to.put(1);
  await to.refuse(1);
  to.put(2);
  await to.take(2);
  await to.close();
  expect(to.batches).toEqual([[1], [1, 2]]);
});

test("no more than a thousand wait: what comes beyond is lost, and counted, as is what the receiver leaves out", async () => {
  const to = receiver();
  to.putMany(1_003);
  expect(to.lost()).toBe(3);
  await to.take(1, 1);
  await to.asked(2);
  expect(to.lost()).toBe(4);
});

test("at its end it sends what waits once, and what is refused then is lost", async () => {
  const to = receiver();
  to.putMany(150);
  const closed = to.close();
  await to.take(1);
  await to.take(2);
  await to.refuse(3);
  await closed;
  expect(to.lost()).toBe(49);
  to.put(7);
  expect(to.lost()).toBe(50);
});
