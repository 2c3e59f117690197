import { expect, test } from "vitest";
import { DEFAULT_RULES } from "../../../src/core/signals/rules.ts";
import { AWAY, HOME, HOUR, MINUTE, named, observation, SECOND, seenAt, tokenOf, watched } from "./watched.ts";

const MANY = "warning token_in_many_networks";

/** One token in so many networks, one after the other. */
function spread(count: number, gap: number, first = 0) {
  return Array.from(
    { length: count },
    (_, index) => [index * gap, { clientIp: `10.0.${first + index}.1`, userAgent: HOME.userAgent }] as const,
  );
}

const onlyMany = (found: string[]) => found.filter((name) => name.includes(MANY));

test.each([
  ["six data centres, again and again", [...spread(6, SECOND), ...spread(6, SECOND), ...spread(6, SECOND)], 0],
  [
    "fifty machines of one network",
    Array.from({ length: 50 }, (_, index) => [index * SECOND, { clientIp: `10.0.0.${index}` }] as const),
    0,
  ],
  ["eleven networks", spread(11, MINUTE), 0],
  ["a phone in another network every ten minutes for a day", spread(144, 10 * MINUTE), 0],
  ["forty strangers within an hour", spread(40, MINUTE), 1],
  ["a hundred within a minute", spread(100, SECOND / 2), 1],
])("%s", (_, acts, times) => {
  expect(onlyMany(seenAt(watched().see, acts))).toHaveLength(times);
});

test("it is told soon after the twelfth network, never before", () => {
  const [first = ""] = onlyMany(seenAt(watched().see, spread(60, SECOND)));
  expect(Number.parseInt(first, 10)).toBeGreaterThanOrEqual(11);
  expect(Number.parseInt(first, 10)).toBeLessThan(25);
});

test("a network that is new for a token, and not its own, is counted elsewhere: once", () => {
  const { see, counted } = watched();
  for (const [after, context] of [HOME, HOME, AWAY, AWAY, HOME, AWAY].entries()) see(after * SECOND, context);
  const { high, low } = tokenOf("alice");
  expect(counted).toMatchObject([{ high, low, network: "198.51.100.0/24" }]);
});

test("what was counted elsewhere is told as of the deployment, apart from what is counted here", () => {
  const { detectors, see } = watched();
  const counted = (after: number, count: number) => named(detectors.networksCounted(observation(after, AWAY), count));
  expect(counted(0, 11)).toEqual([]);
  expect(counted(SECOND, 12)).toEqual([`${MANY} deployment`]);
  expect(counted(2 * SECOND, 13)).toEqual([]);
  expect(onlyMany(seenAt(see, spread(60, SECOND)))).toHaveLength(1);
  expect(counted(2 * HOUR, 14)).toEqual([`${MANY} deployment`]);
});

test("what has no token is not counted anywhere", () => {
  const { detectors, counted, see } = watched();
  expect(see(0, { ...AWAY, token: undefined, outcome: "malformed" })).toEqual([]);
  expect(detectors.networksCounted(observation(0, { token: undefined }), 100)).toEqual([]);
  expect(counted).toEqual([]);
});

test("nothing is counted elsewhere where nobody would be told", () => {
  const off = { ...DEFAULT_RULES.token_in_many_networks, enabled: false };
  const { see, counted } = watched({ token_in_many_networks: off });
  for (const [after, context] of [HOME, AWAY, AWAY].entries()) see(after * SECOND, context);
  expect(counted).toEqual([]);
});
