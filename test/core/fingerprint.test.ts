import { describe, expect, test } from "vitest";
import { fingerprintOfKey, fingerprintsOf } from "../../src/core/fingerprint.ts";
import { ISSUER, openTestCore, type TestCore } from "../support/core-environment.ts";

const DAY = 86_400;
const ALICE = { iss: ISSUER, jti: "0198", sid: "0197", sub: "alice" };

/** Of the same token, family, subject and key, whenever it is asked. */
function fingerprints({ environment }: TestCore, fingerprintPeriod: number): string[] {
  const terms = { ...environment, fingerprintPeriod };
  return [...Object.values(fingerprintsOf(terms, ALICE)), fingerprintOfKey(terms, { iss: ISSUER, kid: "k" })];
}

/** To the beginning of the next period of days. */
function advanceToBoundary(core: TestCore, days: number): void {
  const period = days * DAY * 1_000;
  core.advance((period - (core.now() % period)) / 1_000);
}

describe("fingerprints", () => {
  test("stay the same for ever where no period is configured", async () => {
    const core = await openTestCore();
    const before = fingerprints(core, 0);
    core.advance(3_650 * DAY);
    expect(fingerprints(core, 0)).toEqual(before);
    expect(new Set(before).size).toBe(4);
  });

  test("stay the same until a period ends, and then all change", async () => {
    const core = await openTestCore();
    advanceToBoundary(core, 30);
    const before = fingerprints(core, 30 * DAY);
    core.advance(30 * DAY - 0.001);
    expect(fingerprints(core, 30 * DAY)).toEqual(before);
    core.advance(0.001);
    const after = fingerprints(core, 30 * DAY);
    expect(new Set([...before, ...after]).size).toBe(8);
    for (const each of after) expect(each).toMatch(/^[0-9a-f]{16}$/);
  });

  test("change with the configured period, whatever the time", async () => {
    const core = await openTestCore();
    const all = [0, 7 * DAY, 8 * DAY].flatMap((period) => fingerprints(core, period));
    expect(new Set(all).size).toBe(all.length);
  });
});
