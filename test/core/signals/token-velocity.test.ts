import { expect, test } from "vitest";
import { LIVE, LIVE_WIDTH } from "../../../src/core/signals/live-token.ts";
import { DEFAULT_RULES } from "../../../src/core/signals/rules.ts";
import { tokenVelocity } from "../../../src/core/signals/token-velocity.ts";
import { HOUR, MINUTE, SECOND, seenAt, tokenOf, watched } from "./watched.ts";

const BURST = "token_velocity";
const PERSON = { token: tokenOf("alice") };
const CLIENT = { token: tokenOf("job", { sub: "app" }) };
const NOBODY = { token: { ...tokenOf("job"), origin: () => ({ iss: "https://issuer.example", jti: "job" }) } };

const every = (gap: number, from: number, until: number, what = PERSON) =>
  Array.from({ length: Math.floor((until - from) / gap) }, (_, index) => [from + index * gap, what] as const);

test.each([
  ["a steady habit, however busy", every(100, 0, 10 * MINUTE), []],
  [
    "a habit of twice a minute, and ten times as much",
    [...every(30 * SECOND, 0, 10 * MINUTE), ...every(3 * SECOND, 10 * MINUTE, 13 * MINUTE)],
    [],
  ],
  [
    "a page that asks for sixty things at once, every five minutes",
    every(5 * MINUTE, 0, HOUR).flatMap(([from]) => every(20, from, from + 1_200)),
    [],
  ],
  ["a new token that is busy at once", every(200, 0, 4 * MINUTE), []],
  [
    "a busy habit that becomes four times as busy",
    [...every(SECOND, 0, 10 * MINUTE), ...every(250, 10 * MINUTE, 15 * MINUTE)],
    [],
  ],
  [
    "a reader of all there is",
    [...every(30 * SECOND, 0, 10 * MINUTE), ...every(150, 10 * MINUTE, 13 * MINUTE)],
    [`warning ${BURST} subject`],
  ],
  [
    "a nightly job, in its client's name",
    [...every(30 * SECOND, 0, 10 * MINUTE, CLIENT), ...every(150, 10 * MINUTE, 13 * MINUTE, CLIENT)],
    [`info ${BURST} client`],
  ],
  [
    "a nightly job, in nobody's name",
    [...every(30 * SECOND, 0, 10 * MINUTE, NOBODY), ...every(150, 10 * MINUTE, 13 * MINUTE, NOBODY)],
    [`info ${BURST} client`],
  ],
])("%s", (_, acts, found) => {
  expect(seenAt(watched().see, acts).map((name) => name.replace(/^.*: /, ""))).toEqual(found);
});

test("it is told at the hundredth use in a minute", () => {
  const acts = [...every(MINUTE, 0, 10 * MINUTE), ...every(100, 10 * MINUTE, 11 * MINUTE)];
  expect(seenAt(watched().see, acts)).toEqual([`609.9 s: warning ${BURST} subject`]);
});

test("a token that was used more often than 32 bits can say has a habit all the same", () => {
  const words = new Int32Array(LIVE_WIDTH);
  words[LIVE.firstSeen] = 1;
  words[LIVE.windowFrom] = 1_000_000;
  words[LIVE.usesBefore] = 2 ** 31 - 1;
  words[LIVE.uses] = 100_000;
  const judge = tokenVelocity(words, DEFAULT_RULES.token_velocity, () => true);
  const sightings = Array.from({ length: 1_000 }, () => judge(tokenOf("busy"), 0, 1_000_060));
  expect(sightings.filter((sighting) => sighting !== undefined)).toEqual([]);
});
