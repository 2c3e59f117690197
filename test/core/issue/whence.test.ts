import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { placeIn, whence } from "../../../src/core/issue/whence.ts";
import { placeOf } from "../../../src/core/signals/issued-from.ts";
import { caller } from "../../support/core-environment.ts";

const KEY = randomBytes(32);
const HOME = { clientIp: "192.0.2.7", userAgent: "Firefox" };
const ROTATED = { sid: "s1", generation: 3 };

test("the same rotation from the same place is remembered alike, and gives the place back", () => {
  const remembered = whence(KEY, ROTATED, caller(), HOME);
  expect(remembered).toHaveLength(16);
  expect(whence(KEY, ROTATED, caller(), { ...HOME })).toEqual(remembered);
  expect(placeIn(KEY, ROTATED, remembered)).toEqual(placeOf(KEY, HOME));
});

test("another network, user agent or caller is noticed, and one that is not said too", () => {
  const all = [
    whence(KEY, ROTATED, caller(), HOME),
    whence(KEY, ROTATED, caller(), { ...HOME, clientIp: "198.51.100.9" }),
    whence(KEY, ROTATED, caller(), { ...HOME, userAgent: "curl" }),
    whence(KEY, ROTATED, caller({ name: "other" }), HOME),
    whence(KEY, ROTATED, caller()),
  ];
  expect(new Set(all.map((one) => one.toString("hex"))).size).toBe(all.length);
});

test("what two families, or two rotations of one, remember of the same place has not a half in common, known or not", () => {
  for (const context of [HOME, {}]) {
    const all = [ROTATED, { ...ROTATED, sid: "s2" }, { ...ROTATED, generation: 4 }].map((rotated) =>
      whence(KEY, rotated, caller(), context),
    );
    for (const [from, to] of [
      [0, 6],
      [6, 12],
      [12, 16],
    ])
      expect(new Set(all.map((one) => one.subarray(from, to).toString("hex"))).size).toBe(all.length);
  }
});
