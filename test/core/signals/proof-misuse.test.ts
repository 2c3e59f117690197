import { expect, test } from "vitest";
import { issuedFrom, placeOf } from "../../../src/core/signals/issued-from.ts";
import { AWAY, HOME, KEY, MINUTE, SECOND, seenAt, tokenOf, watched } from "./watched.ts";

const REPLAYED = { outcome: "proof_replayed" } as const;
const OTHER_KEY = { outcome: "invalid_proof", proofKey: "other" } as const;
const FROM_HOME = { token: tokenOf("bound", { issuedFrom: issuedFrom(KEY, "bound", placeOf(KEY, HOME)) }) };

test.each([
  ["a replay from where the token is used", [HOME, { ...HOME, ...REPLAYED }], ["1 s: warning proof_replayed"]],
  [
    "a replay from another network alone",
    [HOME, { ...HOME, clientIp: AWAY.clientIp, ...REPLAYED }],
    ["1 s: warning proof_replayed"],
  ],
  ["a replay from elsewhere", [HOME, { ...AWAY, ...REPLAYED }], ["1 s: critical proof_replayed from_elsewhere"]],
  [
    "a replay of a token not seen before that says whence it was issued",
    [{ ...AWAY, ...REPLAYED, ...FROM_HOME }],
    ["0 s: critical proof_replayed from_elsewhere"],
  ],
  ["a replay of a token of which nothing is known", [{ ...AWAY, ...REPLAYED }], ["0 s: warning proof_replayed"]],
  ["another key", [HOME, { ...HOME, ...OTHER_KEY }], ["1 s: warning proof_of_another_key"]],
  [
    "another key from elsewhere",
    [HOME, { ...AWAY, ...OTHER_KEY }],
    ["1 s: critical proof_of_another_key from_elsewhere"],
  ],
  ["a proof by a clock that is off", [HOME, { ...HOME, outcome: "invalid_proof" }], []],
  ["no proof", [HOME, { ...AWAY, outcome: "proof_required" }], []],
  ["a nonce that is asked for", [HOME, { ...HOME, outcome: "nonce_required" }], []],
] as const)("%s", (_, contexts, found) => {
  const acts = contexts.map((context, index) => [index * SECOND, context] as const);
  expect(seenAt(watched().see, acts)).toEqual(found);
});

test("it is told once in ten minutes, and at once again when it comes from elsewhere", () => {
  const acts = [
    [0, HOME],
    [SECOND, { ...HOME, ...REPLAYED }],
    [2 * SECOND, { ...HOME, ...REPLAYED }],
    [3 * SECOND, { ...AWAY, ...REPLAYED }],
    [4 * SECOND, { ...AWAY, ...REPLAYED }],
    [11 * MINUTE, { ...HOME, ...REPLAYED }],
  ] as const;
  expect(seenAt(watched().see, acts)).toEqual([
    "1 s: warning proof_replayed",
    "3 s: critical proof_replayed from_elsewhere",
    "660 s: warning proof_replayed",
  ]);
});

test("a thief's replay does not make the thief's place the token's own", () => {
  const { see } = watched();
  see(0, { ...AWAY, ...REPLAYED });
  expect(see(SECOND, HOME)).toEqual([]);
  expect(see(2 * SECOND, AWAY)).toEqual(["warning token_context_changed network_and_user_agent"]);
});
