import { expect, test } from "vitest";
import { HOUR, MINUTE, SECOND, seenAt, tokenOf, watched } from "./watched.ts";

type Outcome = "revoked" | "expired" | "superseded" | "active";

const REVOKED = { first: "info revoked_token_used access", again: "warning revoked_token_used access" };
const EXPIRED = "warning expired_token_used access";

/** Uses at these seconds. */
const at = (outcome: Outcome, ...seconds: number[]) => seconds.map((second) => [second * SECOND, { outcome }] as const);
const every = (outcome: Outcome, gap: number, count: number, from = 0) =>
  at(outcome, ...Array.from({ length: count }, (_, index) => from + index * gap));

test.each([
  ["a revoked token once", at("revoked", 0), [`0 s: ${REVOKED.first}`]],
  ["what was under way at a log-out", at("revoked", 0, 1, 2, 3), [`0 s: ${REVOKED.first}`]],
  ["a page that asks for twenty things at once", every("revoked", 1, 20), [`0 s: ${REVOKED.first}`]],
  ["a revoked token that goes on", every("revoked", 15, 8), [`0 s: ${REVOKED.first}`, `60 s: ${REVOKED.again}`]],
  ["four pages, one after the other, with a revoked token", every("revoked", 3, 14), [`0 s: ${REVOKED.first}`]],
  [
    "one that is tried four times a day",
    every("revoked", 6 * 3_600, 4),
    [0, 6, 12, 18].map((hour) => `${hour * 3_600} s: ${REVOKED.first}`),
  ],
  ["an expired token that a client finds out about", every("expired", 25, 9), []],
  ["a page that asks for thirty things with one", every("expired", 2, 30), []],
  ["a line of the shell's history, pasted all day", every("expired", 3_600, 10), []],
  [
    "one that is tried on four occasions within the hour",
    [0, 900, 1_800, 2_700].flatMap((from) => every("expired", 2, 10, from)),
    [],
  ],
  ["an expired token that goes on", every("expired", 120, 30), [`1440 s: ${EXPIRED}`]],
  ["a token that is used for as long as it lives", every("active", 15, 50), []],
  ["a refresh token that was superseded", every("superseded", 15, 50), []],
])("%s", (_, acts, found) => {
  expect(seenAt(watched().see, acts)).toEqual(found);
});

test("what is told of one goes on being told once an hour", () => {
  const found = seenAt(watched().see, every("expired", 60, 130));
  expect(found.map((name) => Number.parseInt(name, 10) * SECOND)).toEqual([20 * MINUTE, HOUR + 20 * MINUTE]);
});

test("each token is counted for itself", () => {
  const { see } = watched();
  const found = Array.from({ length: 100 }, (_, index) =>
    see(index * 15 * SECOND, { outcome: "revoked", token: tokenOf(`token-${index % 50}`) }),
  );
  expect(found.flat()).toEqual(Array.from({ length: 50 }, () => REVOKED.first));
});

test("uses are counted however many tokens are revoked besides, as long as it is used more often than each of them", () => {
  const { see } = watched();
  const found = Array.from({ length: 20_000 }, (_, index) => [
    ...see(index * 50, { outcome: "revoked", token: tokenOf(`other-${index}`) }).filter((name) =>
      name.includes("warning"),
    ),
    ...(index % 250 === 0 ? see(index * 50, { outcome: "revoked" }) : []),
  ]).flat();
  expect(found).toEqual([REVOKED.first, REVOKED.again]);
});

test("a clock that is set back neither silences it nor makes it fire", () => {
  const { see } = watched();
  expect(seenAt(see, at("revoked", 10_000, 10_001, 10_002, 3, 4, 5))).toEqual([
    `10000 s: ${REVOKED.first}`,
    `3 s: ${REVOKED.first}`,
  ]);
});
