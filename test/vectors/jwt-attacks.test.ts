import { beforeAll, describe, expect, test } from "vitest";
import { caller, openTestCore, type TestCore } from "../support/core-environment.ts";
import { introspected, stateOf } from "../support/core-requests.ts";
import { type Attack, foreignParty, ownParty, signed } from "./attack.ts";
import { CLAIM_ATTACKS, OWN_CLAIM_ATTACKS } from "./claim-attacks.ts";
import { ENCODING_ATTACKS } from "./encoding-attacks.ts";
import { HEADER_ATTACKS } from "./header-attacks.ts";
import { JSON_ATTACKS } from "./json-attacks.ts";
import { SIGNATURE_ATTACKS } from "./signature-attacks.ts";

const COMMON = [...SIGNATURE_ATTACKS, ...HEADER_ATTACKS, ...ENCODING_ATTACKS, ...JSON_ATTACKS, ...CLAIM_ATTACKS];
const plain = caller({ permissions: new Set(["introspect"]) });

const TABLES = [
  ["own", ownParty, [...COMMON, ...OWN_CLAIM_ATTACKS]],
  ["foreign", foreignParty, COMMON],
] as const;

const byName = (attacks: readonly Attack[]): [string, Attack][] => attacks.map((attack) => [attack.name, attack]);

/** Introspection changes nothing, so that all may look at one. */
let core: TestCore;
beforeAll(async () => {
  const undo: (() => Promise<void>)[] = [];
  core = await openTestCore((step) => undo.unshift(step));
  return async () => {
    for (const step of undo) await step();
  };
});

describe.each(TABLES)("a JWT (%s)", (issuer, partyOf, attacks) => {
  test("there are many ways to attack it, each named once", () => {
    const names = attacks.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(250);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(byName(attacks))("is inactive with %s, and honest it is active", async (_name, attack) => {
    const party = partyOf(core);
    const token = attack.token(party);
    const reason = typeof attack.reason === "string" ? attack.reason : attack.reason[issuer];
    expect(await stateOf(core, signed(party))).toBe("active");
    expect(await stateOf(core, token)).toBe(reason);
    expect(await introspected(core, token, { as: plain })).toEqual({ active: false, outcome: reason });
  });
});
