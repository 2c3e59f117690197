import { expect, test } from "vitest";
import { findAttacks } from "./find-attacks.ts";
import { honestWeek } from "./honest-week.ts";
import { judgeWeek } from "./judge-week.ts";
import { MINUTE, SECOND } from "./time.ts";

const DEADLINE = 4 * MINUTE;

test(
  "a week of honest traffic raises fewer than one warning in 100,000 introspections, at three instances and at one",
  () => {
    const asThree = judgeWeek(honestWeek({ seed: 1, introspections: 1_000_000 }), "three");
    const asOne = judgeWeek(asThree.week, "one");
    for (const _ of asOne.week);
    for (const { introspections, warnings, found } of [asThree.judged(), asOne.judged()]) {
      console.log(`${warnings.length} warnings in ${introspections} introspections`, Object.fromEntries(found));
      expect(introspections).toBeGreaterThan(1_000_000);
      expect((warnings.length / introspections) * 100_000).toBeLessThan(1);
    }
  },
  DEADLINE,
);

test.each([1, 2, 3, 4, 5, 6])(
  "every attack in a week of honest traffic is found, seed %i",
  (seed) => {
    const judged = findAttacks(seed, 30_000);
    console.log(
      judged.map(({ name, delay, acts }) => `${name}: ${delay / SECOND} s, hostile acts by then: ${acts}`).join("\n"),
    );
    expect(judged.filter(({ alarm }) => alarm === undefined).map(({ name }) => name)).toEqual([]);
  },
  DEADLINE,
);

test("what leaves no doubt is critical: a reuse, and a proof from elsewhere", () => {
  const critical = findAttacks(1, 1_000).filter(({ alarm }) => alarm?.finding.severity === "critical");
  expect(critical.map(({ name }) => name)).toEqual(["stolen refresh token", "proof replay", "token with another key"]);
});
