import { expect, test } from "vitest";
import { quantile } from "../../src/console/quantile.ts";

const bounds = [1, 2, 4];

test.each([
  ["the middle of one bucket", [0, 10, 0, 0], 0.5, 1.5],
  ["the end of a bucket", [5, 5, 0, 0], 0.5, 1],
  ["the first bucket begins at nothing", [10, 0, 0, 0], 0.5, 0.5],
  ["an empty bucket is passed over", [5, 0, 5, 0], 0.75, 3],
  ["the last has no end, so its begin is told", [0, 0, 0, 10], 0.99, 4],
])("%s", (_what, counts, q, value) => {
  expect(quantile({ bounds, counts }, q)).toBeCloseTo(value);
});

test("of nothing there is none", () => {
  expect(quantile({ bounds, counts: [0, 0, 0, 0] }, 0.5)).toBeUndefined();
  expect(quantile({ bounds: [], counts: [] }, 0.5)).toBeUndefined();
});
