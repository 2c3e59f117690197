import { describe, expect, test } from "vitest";
import type { KeyRecord } from "../../src/keys/key-record.ts";
import { firstKeys, type KeyringPolicy, planKeyring, type Situation } from "../../src/keys/plan-keyring.ts";
import { activeOf, stateOf } from "../../src/keys/states.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 1_000 * DAY;

const POLICY: KeyringPolicy = {
  algorithm: "EdDSA",
  publishBeforeMs: MINUTE,
  rotateEveryMs: 90 * DAY,
  keepMs: { signing: 2 * HOUR, mac: 30 * DAY },
};

const MAC = key("mac-1", { kind: "mac", keepMs: 30 * DAY });

describe("a keyring with nothing to do", () => {
  test.each<[string, KeyRecord[]]>([
    ["young keys", [key("a"), MAC]],
    ["a retired key that is still needed", [key("a", { activatesAt: NOW - DAY }), key("b", { activatesAt: NOW }), MAC]],
    ["a next key", [key("a", { activatesAt: NOW - 90 * DAY }), key("b", { activatesAt: NOW + 1 }), MAC]],
  ])("stays as it is: %s", (_name, records) => {
    expect(plan(records)).toMatchObject({ isChange: false, wanted: [] });
  });
});

describe("by age", () => {
  test("a key gets a successor so early that it is published long enough when its age is reached", () => {
    const records = [key("a", { activatesAt: NOW - 90 * DAY + MINUTE }), MAC];
    expect(plan(records).wanted).toEqual([
      { kind: "signing", alg: "EdDSA", activatesAt: NOW + MINUTE, keepMs: 2 * HOUR },
    ]);
  });

  test("a MAC key gets one likewise", () => {
    const records = [key("a"), { ...MAC, activatesAt: NOW - 91 * DAY }];
    expect(plan(records).wanted).toMatchObject([{ kind: "mac", alg: "HS256", activatesAt: NOW + MINUTE }]);
  });

  test("none does where rotation by age is off, or where this instance lacks the master key of the others", () => {
    const records = [key("a", { activatesAt: NOW - 900 * DAY }), MAC];
    expect(plan(records, { policy: { ...POLICY, rotateEveryMs: 0 } }).wanted).toEqual([]);
    expect(plan(records, { maySeal: false }).wanted).toEqual([]);
  });
});

describe("a retired key", () => {
  const retired = key("a", { activatesAt: NOW - DAY });
  const successorSince = (ms: number) => key("b", { activatesAt: NOW - ms });

  test("stays until the last token that it signed is dead", () => {
    expect(namesAfter([retired, successorSince(2 * HOUR - 1), MAC])).toEqual(["a", "b", "mac-1"]);
  });

  test("goes then", () => {
    expect(namesAfter([retired, successorSince(2 * HOUR), MAC])).toEqual(["b", "mac-1"]);
  });

  test("stays longer where an instance is configured for longer tokens, and not shorter where they became shorter", () => {
    const keepMs = { signing: 3 * HOUR, mac: 30 * DAY };
    const longer = plan([retired, successorSince(2 * HOUR), MAC], { policy: { ...POLICY, keepMs } });
    expect(longer.records).toMatchObject([{ id: "a", keepMs: 3 * HOUR }, { id: "b", keepMs: 3 * HOUR }, {}]);
    expect(plan(longer.records)).toMatchObject({ isChange: false });
  });
});

describe("a revoked key", () => {
  test("that is active is replaced at once, and never signs again", () => {
    const { records, wanted } = plan([key("a"), MAC], { revoked: new Set(["a"]) });
    expect(records).toMatchObject([{ id: "a", revokedAt: NOW }, { id: "mac-1" }]);
    expect(wanted).toMatchObject([{ kind: "signing", activatesAt: NOW }]);
    const after = [...records, key("b", { activatesAt: NOW })];
    expect(activeOf(signing(after), NOW)?.id).toBe("b");
  });

  test("is replaced by the next one, where that is published already", () => {
    const records = [key("a"), key("b", { activatesAt: NOW + MINUTE }), MAC];
    const after = plan(records, { revoked: new Set(["a"]) });
    expect(after.wanted).toEqual([]);
    expect(activeOf(signing(after.records), NOW)).toMatchObject({ id: "b", activatesAt: NOW });
  });

  test("that became active this very millisecond is replaced by one that comes after it", () => {
    const { wanted } = plan([key("a", { activatesAt: NOW }), MAC], { revoked: new Set(["a"]) });
    expect(wanted).toMatchObject([{ activatesAt: NOW + 1 }]);
  });

  test("that was next goes without a trace, and the active one stays", () => {
    const records = [key("a"), key("b", { activatesAt: NOW + MINUTE }), MAC];
    const after = plan(records, { revoked: new Set(["b"]) });
    expect(after.records.map(({ id }) => id)).toEqual(["a", "mac-1"]);
    expect(after.wanted).toEqual([]);
  });

  test("that was retired leaves the active one in its place", () => {
    const records = [key("a", { activatesAt: NOW - 2 * DAY }), key("b", { activatesAt: NOW - HOUR }), MAC];
    const after = plan(records, { revoked: new Set(["a"]) });
    expect(after.wanted).toEqual([]);
    expect(after.records.map((each) => stateOf(each, signing(after.records), NOW)).slice(0, 2)).toEqual([
      "revoked",
      "active",
    ]);
  });

  test("leaves no key active where none can be added: an earlier one never comes back", () => {
    const records = [key("a", { activatesAt: NOW - 2 * DAY, keepMs: 9 * DAY }), key("b"), MAC];
    const after = plan(records, { revoked: new Set(["b"]), maySeal: false });
    expect(after.records.map(({ id }) => id)).toContain("a");
    expect(activeOf(signing(after.records), NOW)).toBeUndefined();
  });

  test("that makes refresh tokens is replaced at once too", () => {
    const { wanted } = plan([key("a"), MAC], { revoked: new Set(["mac-1"]) });
    expect(wanted).toMatchObject([{ kind: "mac", activatesAt: NOW }]);
  });
});

test("the first keys are one of each kind, all active at once", () => {
  const first = firstKeys(situation());
  expect(first.map(({ kind, activatesAt }) => [kind, activatesAt])).toEqual([
    ["data", NOW],
    ["signing", NOW],
    ["mac", NOW],
  ]);
});

function key(id: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  const created = NOW - DAY;
  return {
    kind: "signing",
    id,
    alg: "EdDSA",
    created,
    activatesAt: created,
    keepMs: 2 * HOUR,
    sealed: "sealed",
    ...changes,
  };
}

function situation(changes: Partial<Situation> = {}): Situation {
  return { now: NOW, policy: POLICY, revoked: new Set(), maySeal: true, ...changes };
}

function plan(records: readonly KeyRecord[], changes: Partial<Situation> = {}) {
  return planKeyring(records, situation(changes));
}

function namesAfter(records: readonly KeyRecord[]): string[] {
  return plan(records).records.map(({ id }) => id);
}

function signing(records: readonly KeyRecord[]): KeyRecord[] {
  return records.filter(({ kind }) => kind === "signing");
}
