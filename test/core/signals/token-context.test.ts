import { expect, test } from "vitest";
import { issuedFrom, placeOf } from "../../../src/core/signals/issued-from.ts";
import type { Observation } from "../../../src/core/signals/observation.ts";
import { AWAY, HOME, HOUR, KEY, MINUTE, SECOND, tokenOf, watched } from "./watched.ts";

const FROM_HOME = { token: tokenOf("bound", { issuedFrom: issuedFrom(KEY, "bound", placeOf(KEY, HOME)) }) };
const NETWORK = "info token_context_changed network";
const AGENT = "info token_context_changed user_agent";
const BOTH = "warning token_context_changed network_and_user_agent";

function told(...contexts: Partial<Observation>[]): string[][] {
  const { see } = watched();
  return contexts.map((context, index) => see(index * SECOND, context));
}

test.each([
  ["the same all the time", [HOME, HOME, HOME], []],
  ["another address of its network", [HOME, { ...HOME, clientIp: "192.0.2.200" }], []],
  ["an update", [HOME, { ...HOME, userAgent: "Browser/2.0.1 (home)" }], []],
  ["callers that forward nothing", [HOME, {}, HOME, {}], []],
  ["callers that forward one of the two", [HOME, { clientIp: HOME.clientIp }, { userAgent: HOME.userAgent }], []],
  ["another network", [HOME, { ...HOME, clientIp: AWAY.clientIp }], [NETWORK]],
  ["another program", [HOME, { ...HOME, userAgent: AWAY.userAgent }], [AGENT]],
  ["elsewhere", [HOME, AWAY], [BOTH]],
  ["elsewhere, and back and forth", [HOME, AWAY, HOME, AWAY, HOME, AWAY], [BOTH]],
  ["a network first, and both then", [HOME, { ...HOME, clientIp: AWAY.clientIp }, AWAY], [NETWORK, BOTH]],
  [
    "elsewhere, in two words of two callers",
    [HOME, { clientIp: AWAY.clientIp }, { userAgent: AWAY.userAgent }],
    [NETWORK, AGENT],
  ],
  ["an address that is none", [HOME, { ...HOME, clientIp: "nowhere" }], []],
])("a token that does not say whence it was issued: %s", (_, contexts, found) => {
  expect(told(...contexts).flat()).toEqual(found);
});

test.each([
  ["where it was issued", HOME, []],
  ["in another network", { ...HOME, clientIp: AWAY.clientIp }, [NETWORK]],
  ["by another program", { ...HOME, userAgent: AWAY.userAgent }, [AGENT]],
  ["elsewhere", AWAY, [BOTH]],
  ["nowhere that is known", {}, []],
])("a token that says whence it was issued, used for the first time %s", (_, context, found) => {
  expect(told({ ...FROM_HOME, ...context }).flat()).toEqual(found);
});

test("a token that says whence it was issued stays at home there, wherever it is used first", () => {
  expect(told({ ...FROM_HOME, ...AWAY }, { ...FROM_HOME, ...HOME }, { ...FROM_HOME, ...AWAY })).toEqual([
    [BOTH],
    [],
    [],
  ]);
});

test.each(["expired", "revoked", "audience_mismatch"] as const)("of a token that is %s it says nothing", (outcome) => {
  expect(told(HOME, { ...AWAY, outcome })[1]?.filter((name) => name.includes("context"))).toEqual([]);
});

test("each of the three is told once an hour of a token, and of each token for itself", () => {
  const { see } = watched();
  const back = (after: number, name: string) => {
    see(after, { ...HOME, token: tokenOf(name) });
    return see(after + SECOND, { ...AWAY, token: tokenOf(name) });
  };
  expect([back(0, "one"), back(MINUTE, "one"), back(MINUTE, "other"), back(HOUR + MINUTE, "one")]).toEqual([
    [BOTH],
    [],
    [BOTH],
    [BOTH],
  ]);
});

test("ten thousand tokens that stay at home show nothing, among all their hashes", () => {
  const { see } = watched();
  const found = Array.from({ length: 40_000 }, (_, index) => {
    const which = index % 10_000;
    return see(index, {
      clientIp: `10.${which >> 8}.${which & 255}.1`,
      userAgent: `Agent ${which}`,
      token: tokenOf(`token-${which}`),
    });
  });
  expect(found.flat()).toEqual([]);
});
