/** A checker that finds nothing proves nothing: each rule is broken here by hand, and kept right beside it. */
import { expect, test } from "vitest";
import { checkHistory, type Rules } from "./check-history.ts";
import type { Attempt, Given, Named, Outcome, Recorded } from "./history.ts";

const RULES: Rules = { boundMs: 1_000, instances: ["one", "two"], settledFrom: 100_000 };
const FIRST: Given = { access: "access-0", refresh: "refresh-0", sid: "family" };
const SECOND: Given = { access: "access-1", refresh: "refresh-1", sid: "family" };
const THIRD: Given = { access: "access-2", refresh: "refresh-2", sid: "family" };
const OTHER: Given = { access: "access-other", refresh: "refresh-other", sid: "family" };

type When = { at?: string; begun: number; ended?: number; outcome?: Outcome; because?: string };

function record(attempt: Attempt, { at = "one", begun, ended = begun + 10, outcome = "ok", because }: When): Recorded {
  return { ...attempt, client: "client", at, begun, ended, outcome, ...(because === undefined ? {} : { because }) };
}

function mint(given: Given = FIRST, when: When = { begun: 0 }): Recorded {
  return record({ call: "mint", detail: { subject: "alice", given } }, when);
}

function refresh(presented: string, given: Given | undefined, when: When): Recorded {
  const detail = { subject: "alice", sid: "family", presented, ...(given === undefined ? {} : { given }) };
  return record({ call: "refresh", detail }, when);
}

function revoke(named: Named, when: When): Recorded {
  return record({ call: "revoke", detail: { named } }, when);
}

function introspect(token: string, active: boolean, when: When, asFresh = false): Recorded {
  return record({ call: "introspect", detail: { token, active, asFresh } }, when);
}

/** What every instance says at the end of what has been given. */
function atTheEnd(active: boolean, tokens: readonly string[] = ["access-0", "refresh-0"]): Recorded[] {
  return tokens.flatMap((token) => RULES.instances.map((at) => introspect(token, active, { at, begun: 200_000 })));
}

/** Active or not; of the refresh tokens only the last. */
function generationsAtTheEnd(count: number, active: boolean): Recorded[] {
  const generations = Array.from({ length: count }, (_none, generation) => generation);
  return generations.flatMap((generation) => [
    ...atTheEnd(active, [`access-${generation}`]),
    ...atTheEnd(active && generation === count - 1, [`refresh-${generation}`]),
  ]);
}

function cutOff(bornBy: number): Recorded {
  return revoke({ by: "subject", subject: "alice", bornBy }, { begun: 6_000 });
}

function rulesBrokenBy(records: readonly Recorded[], rules: Partial<Rules> = {}): string[] {
  return [...new Set(checkHistory(records, { ...RULES, ...rules }).map(({ rule }) => rule))];
}

const FAMILY: Named = { by: "sid", sid: "family" };
const NAMES: readonly (readonly [string, Named])[] = [
  ["the family", FAMILY],
  ["the subject", { by: "subject", subject: "alice" }],
  ["a refresh token of the family", { by: "token", token: "refresh-0" }],
  ["the token", { by: "token", token: "access-0" }],
];

test("a history without faults breaks no rule", () => {
  const life = [
    mint(),
    introspect("access-0", true, { begun: 50 }),
    revoke(FAMILY, { begun: 100 }),
    ...atTheEnd(false),
  ];
  expect(rulesBrokenBy(life)).toEqual([]);
});

test.each(NAMES)("a token is found active at the end that an acknowledged revocation of %s names", (_what, named) => {
  expect(rulesBrokenBy([mint(), revoke(named, { begun: 100 }), ...generationsAtTheEnd(1, true)])).toContain(
    "revoked and active",
  );
  expect(rulesBrokenBy([mint(), revoke(named, { begun: 100 }), ...generationsAtTheEnd(1, false)])).not.toContain(
    "revoked and active",
  );
});

test("an active answer is late when it was asked for after the bound, at any instance", () => {
  const lived = [mint(), revoke(FAMILY, { at: "one", begun: 100, ended: 110 }), ...atTheEnd(false)];
  expect(rulesBrokenBy([...lived, introspect("access-0", true, { at: "two", begun: 1_109 })])).toEqual([]);
  expect(rulesBrokenBy([...lived, introspect("access-0", true, { at: "two", begun: 1_110 })])).toEqual([
    "revoked and active",
  ]);
});

test("where it was revoked, and where its revision is asked for, an active answer is late at once", () => {
  const lived = [mint(), revoke(FAMILY, { at: "one", begun: 100, ended: 110 }), ...atTheEnd(false)];
  expect(rulesBrokenBy([...lived, introspect("access-0", true, { at: "one", begun: 111 })])).toEqual([
    "revoked and active",
  ]);
  expect(rulesBrokenBy([...lived, introspect("access-0", true, { at: "two", begun: 111 }, true)])).toEqual([
    "revoked and active",
  ]);
  expect(rulesBrokenBy([...lived, introspect("access-0", true, { at: "one", begun: 105 })])).toEqual([]);
});

test("what an unknown revocation names may be either, and what a failed one names must still be active", () => {
  const unknown = [mint(), revoke(FAMILY, { begun: 100, outcome: "unknown" })];
  expect(rulesBrokenBy([...unknown, ...atTheEnd(true)])).toEqual([]);
  expect(rulesBrokenBy([...unknown, ...atTheEnd(false)])).toEqual([]);
  const failed = [mint(), revoke(FAMILY, { begun: 100, outcome: "failed" })];
  expect(rulesBrokenBy([...failed, ...atTheEnd(false)])).toEqual(["inactive without cause"]);
});

test("a revocation of a subject names what was born before it, not what was born after", () => {
  const revoked = revoke({ by: "subject", subject: "alice" }, { begun: 100, ended: 110 });
  const later = mint(FIRST, { begun: 120 });
  expect(rulesBrokenBy([revoked, later, ...atTheEnd(true)])).toEqual([]);
  expect(rulesBrokenBy([revoked, later, ...atTheEnd(false)])).toEqual(["inactive without cause"]);
  const between = mint(FIRST, { begun: 105 });
  expect(rulesBrokenBy([revoked, between, ...atTheEnd(true)])).toEqual([]);
  expect(rulesBrokenBy([revoked, between, ...atTheEnd(false)])).toEqual([]);
});

test("a store that loses what was minted is found by the token that nobody revoked", () => {
  expect(rulesBrokenBy([mint(), ...atTheEnd(false)])).toEqual(["inactive without cause"]);
  expect(rulesBrokenBy([mint(), ...atTheEnd(false)], { mayLoseTokens: true })).toEqual([]);
});

test("one generation with two successors is found, a retry that got the same one is not", () => {
  const tokens = ["access-0", "refresh-0", "access-1", "refresh-1", "access-other", "refresh-other"];
  const end = [revoke(FAMILY, { begun: 900 }), ...atTheEnd(false, tokens)];
  const once = refresh("refresh-0", SECOND, { begun: 100 });
  expect(rulesBrokenBy([mint(), once, refresh("refresh-0", SECOND, { begun: 101 }), ...end])).toEqual([]);
  expect(rulesBrokenBy([mint(), once, refresh("refresh-0", OTHER, { begun: 101 }), ...end])).toEqual([
    "two successors",
  ]);
});

test("a refresh that succeeds after its family was revoked is found", () => {
  const end = atTheEnd(false, ["access-0", "refresh-0", "access-1", "refresh-1"]);
  const lived = [mint(), revoke(FAMILY, { begun: 100, ended: 110 }), ...end];
  const refused: When = { at: "two", begun: 2_000, outcome: "failed", because: "FAILED_PRECONDITION INVALID_GRANT" };
  expect(rulesBrokenBy([...lived, refresh("refresh-0", SECOND, { at: "two", begun: 2_000 })])).toEqual([
    "revoked and refreshed",
  ]);
  const noSuccessor = lived.filter((one) => !JSON.stringify(one).includes("-1"));
  expect(rulesBrokenBy([...noSuccessor, refresh("refresh-0", undefined, refused)])).toEqual([]);
});

test("a refresh that is refused although nobody revoked anything is found", () => {
  const refused: When = { begun: 50, outcome: "failed", because: "FAILED_PRECONDITION INVALID_GRANT" };
  const lived = [mint(), refresh("refresh-0", undefined, refused)];
  expect(rulesBrokenBy([...lived, ...atTheEnd(true)])).toEqual(["refused without cause"]);
});

test("a token whose successor was used is refused, which kills its family, or it is found", () => {
  const used = [
    mint(),
    refresh("refresh-0", SECOND, { begun: 100 }),
    refresh("refresh-1", THIRD, { begun: 200, ended: 210 }),
  ];
  const refused = refresh("refresh-0", undefined, {
    begun: 300,
    outcome: "failed",
    because: "FAILED_PRECONDITION INVALID_GRANT",
  });
  expect(rulesBrokenBy([...used, refused, ...generationsAtTheEnd(3, false)])).toEqual([]);
  expect(rulesBrokenBy([...used, refused, ...generationsAtTheEnd(3, true)])).toEqual(["revoked and active"]);
  const again = refresh("refresh-0", SECOND, { begun: 300 });
  expect(rulesBrokenBy([...used, again, ...generationsAtTheEnd(3, false)])).toEqual(["replayed and refreshed"]);
});

test("a cut-off in the past is held against the birth of the family, not against the token's own", () => {
  const sid = "01a20111-0ac2-7e10-acf3-57a38806d5b0";
  const birth = 0x01a201110ac2;
  const born = [
    mint({ ...FIRST, sid }),
    record(
      { call: "refresh", detail: { subject: "alice", sid, presented: "refresh-0", given: { ...SECOND, sid } } },
      { begun: 5_000 },
    ),
  ];
  expect(rulesBrokenBy([...born, cutOff(birth), ...generationsAtTheEnd(2, true)])).toEqual(["revoked and active"]);
  expect(rulesBrokenBy([...born, cutOff(birth), ...generationsAtTheEnd(2, false)])).toEqual([]);
  expect(rulesBrokenBy([...born, cutOff(birth - 1), ...generationsAtTheEnd(2, true)])).toEqual([]);
  expect(rulesBrokenBy([...born, cutOff(birth - 1), ...generationsAtTheEnd(2, false)])).toEqual([
    "inactive without cause",
  ]);
});

test("an answer that an instance owes at the end is missed", () => {
  const onlyOne = atTheEnd(true).filter(({ at }) => at === "one");
  expect(rulesBrokenBy([mint(), ...onlyOne])).toEqual(["not asked at the end"]);
  const failed = atTheEnd(true).map((one): Recorded => (one.at === "two" ? { ...one, outcome: "unknown" } : one));
  expect(rulesBrokenBy([mint(), ...failed])).toEqual(["not asked at the end"]);
});

test("of what is not asked about at the end the call is shown that gave it", () => {
  const successor = refresh("refresh-0", SECOND, { begun: 100 });
  const records = [mint(), successor, ...atTheEnd(true, ["access-0"]), ...atTheEnd(false, ["refresh-0"])];
  expect(checkHistory(records, RULES).map(({ calls }) => calls)).toEqual([[successor], [successor]]);
});

test("a store that may lag may be wrong while it fails over, not afterwards", () => {
  const revoked = [mint(), revoke(FAMILY, { at: "one", begun: 100 })];
  const meanwhile = introspect("access-0", true, { at: "two", begun: 50_000 });
  expect(rulesBrokenBy([...revoked, meanwhile, ...atTheEnd(false)], { mayLag: true })).toEqual([]);
  expect(rulesBrokenBy([...revoked, ...atTheEnd(true)], { mayLag: true })).toEqual(["revoked and active"]);
});

test("a fault of the service's own is found whatever was asked", () => {
  const faulty = introspect("access-0", false, { begun: 50, outcome: "unknown", because: "INTERNAL" });
  expect(rulesBrokenBy([mint(), faulty, ...atTheEnd(true)])).toEqual(["fault of its own"]);
});
