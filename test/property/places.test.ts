import * as fc from "fast-check";
import { expect, test } from "vitest";
import { places } from "../../src/core/remembered/places.ts";

/** Few that meet each other in one part, some at its end, and any. */
const anyHash = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 1, max: 20 }).map((below) => (1 << 26) - below),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
);
const anyChange = fc.record({ hash: anyHash, isDeleted: fc.boolean(), place: fc.nat({ max: 0x7fff_fffe }) });

test("places are found as in a Map, whatever was put and deleted", () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 400 }), (changes) => {
      const [known, model] = [places(), new Map<number, number>()];
      for (const { hash, isDeleted, place } of changes) {
        for (const one of [known, model]) {
          if (isDeleted) one.delete(hash);
          else one.set(hash, place);
        }
        expect([known.get(hash), known.size]).toEqual([model.get(hash), model.size]);
      }
      for (const { hash } of changes) expect(known.get(hash)).toBe(model.get(hash));
    }),
  );
});

test("a thousand places in one part are all found, and gone when they are deleted", () => {
  const known = places();
  for (let hash = 0; hash < 1_000; hash++) known.set(hash, hash);
  for (let hash = 0; hash < 1_000; hash++) expect(known.get(hash)).toBe(hash);
  for (let hash = 0; hash < 1_000; hash += 2) known.delete(hash);
  for (let hash = 0; hash < 1_000; hash++) expect(known.get(hash)).toBe(hash % 2 === 0 ? undefined : hash);
  expect(known.size).toBe(500);
});
