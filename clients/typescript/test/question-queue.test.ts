import { expect, test } from "vitest";
import { newQuestion, questionQueue } from "../src/question-queue.ts";

const asker = { answered: () => undefined, failed: () => undefined };
const ask = (id: number, token = "x") => newQuestion(id, token, Buffer.alloc(0), Infinity, asker);
const ids = (questions: readonly { id: number }[]): number[] => questions.map(({ id }) => id);

test("questions go in the order they came, at most 64 at once, without those that were given up", () => {
  const queue = questionQueue(({ id }) => id !== 3);
  for (let id = 1; id <= 70; id += 1) queue.add(ask(id));
  const [first, second, third] = [queue.take(), queue.take(), queue.take()];
  expect([first.length, second.length, third.length]).toEqual([64, 5, 0]);
  expect(ids(first).slice(0, 4)).toEqual([1, 2, 4, 5]);
});

test("long questions go fewer at once, and one that is longer than a message goes alone", () => {
  const queue = questionQueue(() => true);
  for (let id = 1; id <= 16; id += 1) queue.add(ask(id, "x".repeat(16_384)));
  queue.add(ask(17, "x".repeat(500_000)));
  queue.add(ask(18));
  expect(Array.from({ length: 5 }, () => ids(queue.take()))).toEqual([
    [1, 2, 3, 4, 5, 6, 7],
    [8, 9, 10, 11, 12, 13, 14],
    [15, 16],
    [17],
    [18],
  ]);
});

test("while nothing can be sent, what was given up does not fill the memory", () => {
  const queue = questionQueue(() => false);
  for (let id = 1; id <= 100_000; id += 1) queue.add(ask(id));
  expect(queue.length()).toBeLessThan(2_000);
});
