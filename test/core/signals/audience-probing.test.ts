import { expect, test } from "vitest";
import type { Observation } from "../../../src/core/signals/observation.ts";
import { MINUTE, SECOND, seenAt, tokenOf, watched } from "./watched.ts";

const PROBING = "warning audience_probing";

const tried = (gap: number, count: number, what: (index: number) => Partial<Observation>) =>
  Array.from({ length: count }, (_, index) => [index * gap, { outcome: "audience_mismatch", ...what(index) }] as const);
const at = (...audiences: (string | number)[]) => ({
  audiences: new Set(audiences.map((name) => `https://${name}.example`)),
});

test.each([
  ["from service to service", tried(SECOND, 20, (index) => at(index)), [`4 s: ${PROBING}`]],
  ["one wrong service, again and again", tried(SECOND, 100, () => at("billing")), []],
  ["four wrong services", tried(SECOND, 40, (index) => at(index % 4)), []],
  ["twenty over hours", tried(20 * MINUTE, 20, (index) => at(index)), []],
  [
    "one caller that asks for two in either order",
    tried(SECOND, 20, (index) => (index % 2 === 0 ? at("a", "b") : at("b", "a"))),
    [],
  ],
  ["twenty services that it is meant for", tried(SECOND, 20, (index) => ({ ...at(index), outcome: "active" })), []],
  [
    "twenty tokens at one service each",
    tried(SECOND, 20, (index) => ({ ...at(index), token: tokenOf(`token-${index}`) })),
    [],
  ],
  [
    "callers that may ask for all",
    tried(SECOND, 6, (index) => ({ audiences: "all", caller: `caller-${index}` })),
    [`4 s: ${PROBING}`],
  ],
])("%s", (_, acts, found) => {
  expect(seenAt(watched().see, acts)).toEqual(found);
});
