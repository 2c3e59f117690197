import { expect, test } from "vitest";
import { notAlive } from "../../src/core/alive.ts";

const EXP = 2_000;
const NBF = 1_000;
const state = (now: number, leeway = 0) =>
  notAlive({ iss: "i", aud: ["a"], iat: 500, nbf: NBF, exp: EXP, extra: {} }, leeway, now) ?? "alive";

test.each([
  ["a millisecond before nbf", NBF * 1_000 - 1, 0, "not_yet_valid"],
  ["at nbf", NBF * 1_000, 0, "alive"],
  ["a millisecond before exp", EXP * 1_000 - 1, 0, "alive"],
  ["at exp (RFC 7519: on or after)", EXP * 1_000, 0, "expired"],
  ["before nbf by the leeway", (NBF - 10) * 1_000, 10, "alive"],
  ["before nbf by more than the leeway", (NBF - 10) * 1_000 - 1, 10, "not_yet_valid"],
  ["after exp by less than the leeway", (EXP + 10) * 1_000 - 1, 10, "alive"],
  ["after exp by the leeway", (EXP + 10) * 1_000, 10, "expired"],
])("%s a token is as it should be", (_name, now, leeway, expected) => {
  expect(state(now, leeway)).toBe(expected);
});
