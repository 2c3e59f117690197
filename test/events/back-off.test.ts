import { describe, expect, test } from "vitest";
import { backOffMs } from "../../src/events/back-off.ts";

describe("the pause after failures", () => {
  test("doubles up to a minute", () => {
    expect([1, 2, 3, 8, 9, 1_000].map((failures) => backOffMs(failures, 0, 1))).toEqual([
      500, 1_000, 2_000, 60_000, 60_000, 60_000,
    ]);
  });

  test("is shorter by chance, by a half at most", () => {
    expect(backOffMs(3, 0, 0)).toBe(1_000);
  });

  test("is what the receiver asks for where that is longer, for five minutes at most", () => {
    expect([10, 120_000, 10_000_000].map((asked) => backOffMs(1, asked, 1))).toEqual([500, 120_000, 300_000]);
  });
});
