import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { currentNonce, isNonceCurrent } from "../../../src/core/proof/dpop-nonce.ts";

const KEY = randomBytes(32);
const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);

test("a nonce is the same at every instance that has the key", () => {
  expect(currentNonce(Buffer.from(KEY), NOW)).toBe(currentNonce(KEY, NOW + 1_000));
});

test("a nonce is current in its minute and the next, and then no more", () => {
  const nonce = currentNonce(KEY, NOW);
  const isCurrentAfter = (minutes: number) => isNonceCurrent(KEY, NOW + minutes * MINUTE, nonce);
  expect([0, 1, 2, 60].map(isCurrentAfter)).toEqual([true, true, false, false]);
});

test("a nonce of the future is not current", () => {
  expect(isNonceCurrent(KEY, NOW, currentNonce(KEY, NOW + MINUTE))).toBe(false);
});

test.each([undefined, "", "x", currentNonce(randomBytes(32), NOW), `${currentNonce(KEY, NOW)}=`])(
  "what we did not make is no nonce: %s",
  (nonce) => {
    expect(isNonceCurrent(KEY, NOW, nonce)).toBe(false);
  },
);
