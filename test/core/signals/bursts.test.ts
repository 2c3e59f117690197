import { expect, test } from "vitest";
import type { Observation } from "../../../src/core/signals/observation.ts";
import { AWAY, HOME, HOUR, MINUTE, observation, SECOND, seenAt, watched } from "./watched.ts";

const BY_CALLER = "warning bad_token_burst caller";
const BY_NETWORK = "warning bad_token_burst network";
const UNKNOWN_KEYS = "warning unknown_key_burst";

const bad = (gap: number, count: number, what: (index: number) => Partial<Observation> = () => ({})) =>
  Array.from(
    { length: count },
    (_, index) => [index * gap, { outcome: "bad_signature", token: undefined, ...what(index) }] as const,
  );
const everywhere = (index: number) => ({ clientIp: `10.${index >> 8}.${index & 255}.1` });
const good = (gap: number, count: number) => Array.from({ length: count }, (_, index) => [index * gap, {}] as const);
const inOrder = (...acts: readonly (readonly [number, Partial<Observation>])[][]) =>
  acts.flat().toSorted(([one], [other]) => one - other);

test.each([
  ["a probe every minute", bad(MINUTE, 600, () => ({ outcome: "malformed", ...HOME })), []],
  [
    "forged refresh tokens, which are told once in ten minutes",
    bad(20 * SECOND, 60, () => ({ isRefreshToken: true })),
    ["0 s: warning refresh_token_forged", "600 s: warning refresh_token_forged"],
  ],
  ["refresh tokens of no family", bad(20 * SECOND, 60, () => ({ isRefreshToken: true, outcome: "unknown" })), []],
  ["nine in a minute from one network", bad(6 * SECOND, 9, () => AWAY), []],
  ["nineteen in a minute of one caller", bad(3 * SECOND, 19), []],
  ["forged tokens for one service, from everywhere", bad(300, 200, everywhere), [`5.7 s: ${BY_CALLER}`]],
  [
    "forged tokens from one network, for all services",
    bad(SECOND, 60, (index) => ({ caller: `caller-${index % 6}`, clientIp: `203.0.113.${index}` })),
    [`9 s: ${BY_NETWORK}`],
  ],
  [
    "a scanner",
    bad(150, 400, () => ({ outcome: "malformed", ...AWAY })),
    [`1.35 s: ${BY_NETWORK}`, `2.85 s: ${BY_CALLER}`],
  ],
  ["opaque tokens that nobody has issued", bad(300, 30, () => ({ outcome: "unknown" })), [`5.7 s: ${BY_CALLER}`]],
  ["tokens that have expired", bad(300, 100, () => ({ outcome: "expired", ...AWAY })), []],
  [
    "keys that nobody publishes",
    bad(200, 300, () => ({ outcome: "unknown_key", ...AWAY })),
    [`5.8 s: ${UNKNOWN_KEYS}`],
  ],
  ["an issuer that changes its keys", bad(SECOND, 20, () => ({ outcome: "unknown_key" })), []],
])("%s", (_, acts, found) => {
  expect(seenAt(watched().see, acts)).toEqual(found);
});

test("of a busy caller it is a burst only where it is a share of what it asks", () => {
  const forged = bad(2 * SECOND, 120, everywhere);
  expect(seenAt(watched().see, inOrder(good(50, 4_800), forged))).toEqual([]);
  expect(seenAt(watched().see, inOrder(good(500, 480), forged))).toEqual([`38 s: ${BY_CALLER}`]);
});

test("it is told again after ten minutes, while it goes on, of each caller for itself", () => {
  const ofTwo = bad(SECOND, 1_500, (index) => ({
    ...everywhere(index),
    caller: index % 2 === 0 ? "orders" : "billing",
  }));
  const found = seenAt(watched().see, ofTwo).map((name) => Math.floor((Number.parseInt(name, 10) * SECOND) / MINUTE));
  expect(found).toEqual([0, 0, 10, 10, 20, 20]);
});

test("a network's burst is found while ten thousand other networks send one bad token each", () => {
  const others = bad(6, 10_000, (index) => ({ ...everywhere(index), caller: `caller-${index % 1_000}` }));
  const hostile = bad(SECOND, 60, (index) => ({ ...AWAY, caller: `caller-${index}` }));
  expect(seenAt(watched().see, inOrder(others, hostile))).toEqual([`9 s: ${BY_NETWORK}`]);
});

test("a burst of a caller names the caller alone, one of a network the network, and none an address", () => {
  const { detectors } = watched();
  const found = bad(100, 30, () => AWAY).flatMap(([after, what]) => detectors.judge(observation(after, what)));
  const [ofNetwork, ofCaller] = found;
  expect(ofNetwork).toEqual({
    finding: {
      kind: "bad_token_burst",
      severity: "warning",
      detail: "network",
      caller: "orders",
      count: 10,
      windowMs: MINUTE,
    },
    origin: undefined,
    network: "198.51.100.0/24",
  });
  expect(ofCaller?.network).toBeUndefined();
  expect(JSON.stringify(found)).not.toContain(AWAY.clientIp);
});

test("an hour of silence is no window", () => {
  const { see } = watched();
  expect(
    seenAt(see, [
      ...bad(SECOND, 9, () => AWAY),
      ...bad(SECOND, 9, () => AWAY).map(([after, what]) => [after + HOUR, what] as const),
    ]),
  ).toEqual([]);
});

test("it is found by a clock that was set back to before the first call", () => {
  const { see } = watched();
  see(0);
  const found = bad(10, 30, everywhere).flatMap(([after, what]) => see(after - SECOND, what));
  expect(found).toEqual([BY_CALLER]);
});
