import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { HeldRevocation } from "../../src/core/revocation-log.ts";
import { PARTS, revocationTable, type RevocationTable } from "../../src/core/revocations/revocation-table.ts";
import { fuzzRuns, fuzzTimeout } from "./runs.ts";

type Step = { do: "put"; revocation: HeldRevocation } | { do: "sweep"; now: number };
type Strength = { cutOff: number; keepUntil: number };

const RUNS = 0.002;
const LAST = 1_000;
/** Few, so that they meet, and alike but for a byte. */
const digest = fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 40 })).map(([place, value]) => {
  const bytes = Buffer.alloc(16);
  bytes[place] = value;
  return bytes;
});
const time = fc.oneof(
  fc.nat({ max: LAST }),
  fc.nat({ max: LAST }).map((offset) => 2 ** 40 + offset),
);
const revocation: fc.Arbitrary<HeldRevocation> = fc.record(
  { digest, cutOff: time, keepUntil: time },
  { requiredKeys: ["digest"] },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: revocation.map((each): Step => ({ do: "put", revocation: each })) },
  { weight: 1, arbitrary: time.map((now): Step => ({ do: "sweep", now })) },
);

test("whatever is put and swept, the table answers as a plain map does", { timeout: fuzzTimeout(RUNS) }, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: "max" }), fc.array(fc.tuple(digest, time)), (steps, asked) => {
      const table = revocationTable();
      const model = new Map<string, Strength>();
      for (const action of steps) expect(take(table, action)).toEqual(takeInModel(model, action));
      expect(table.size).toBe(model.size);
      expect(heldOf(table.entries())).toEqual(model);
      for (const [name, birth] of asked) {
        const held = model.get(name.toString("hex"));
        expect(table.names(name, 0, birth)).toBe(held !== undefined && birth <= held.cutOff);
      }
    }),
    { numRuns: fuzzRuns(RUNS) },
  );
});

function take(table: RevocationTable, action: Step): boolean | number {
  if (action.do === "put") return table.put(action.revocation);
  let went = 0;
  for (let part = 0; part < PARTS; part++) went += table.sweep(action.now);
  return went;
}

function takeInModel(model: Map<string, Strength>, action: Step): boolean | number {
  return action.do === "put" ? putIntoModel(model, action.revocation) : sweepModel(model, action.now);
}

function putIntoModel(model: Map<string, Strength>, put: HeldRevocation): boolean {
  const name = put.digest.toString("hex");
  const held = model.get(name) ?? { cutOff: -1, keepUntil: -1 };
  const cutOff = Math.max(held.cutOff, put.cutOff ?? Infinity);
  const keepUntil = Math.max(held.keepUntil, put.keepUntil ?? Infinity);
  model.set(name, { cutOff, keepUntil });
  return cutOff !== held.cutOff || keepUntil !== held.keepUntil;
}

function sweepModel(model: Map<string, Strength>, now: number): number {
  const expired = [...model].filter(([, { keepUntil }]) => keepUntil <= now);
  for (const [name] of expired) model.delete(name);
  return expired.length;
}

function heldOf(entries: Iterable<HeldRevocation>): Map<string, Strength> {
  return new Map(
    Array.from(entries, ({ digest: name, cutOff = Infinity, keepUntil = Infinity }) => [
      name.toString("hex"),
      { cutOff, keepUntil },
    ]),
  );
}
