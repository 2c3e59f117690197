import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { estimate, readSketch, sketched, withDigest, writeSketch } from "../../src/store/sqlite/network-sketch.ts";

const GREATEST_KEPT = 128;
/** In the words of the module: of many. */
const STANDARD_ERROR = 0.09;

/** Few that come again and again, and any. */
const anyDigest = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 48 - 1 }));
const fewDigests = fc.array(anyDigest, { maxLength: 2 * GREATEST_KEPT });

test("a sketch keeps the smallest of what goes in, in whatever order, each once", () => {
  fc.assert(
    fc.property(fc.array(anyDigest, { maxLength: 600 }), (digests) => {
      const smallest = [...new Set(digests)].toSorted((one, other) => one - other).slice(0, GREATEST_KEPT);
      expect(sketchOf(digests)).toEqual(smallest);
    }),
  );
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(fewDigests, (digests) => {
      const sketch = sketchOf(digests);
      expect(readSketch(writeSketch(sketch))).toEqual(sketch);
    }),
  );
});

test("while each half holds less than it may keep, what is in any of them is counted exactly", () => {
  const few = fc.array(anyDigest, { maxLength: GREATEST_KEPT - 1 });
  fc.assert(
    fc.property(few, few, (one, other) => {
      expect(estimate([sketchOf(one), sketchOf(other)])).toBe(new Set([...one, ...other]).size);
    }),
  );
});

test("in whatever order the halves are told, their estimate is the same", () => {
  fc.assert(
    fc.property(fewDigests, fewDigests, (one, other) => {
      const sketches = [sketchOf(one), sketchOf(other)];
      expect(estimate(sketches)).toBe(estimate(sketches.toReversed()));
    }),
  );
});

test.for([
  [200, 0],
  [1_000, 0],
  [1_000, 1_000],
  [20_000, 100],
] as const)("%i and %i networks are estimated with the standard error that is told", ([current, previous]) => {
  const errors = Array.from({ length: 100 }, (_, trial) => {
    const halves = [networks(`${trial} current`, current), networks(`${trial} previous`, previous)];
    return estimate(halves.map(sketchOf)) / (current + previous) - 1;
  });
  // The digests are the same in each run, and so are these.
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  expect(deviation).toBeLessThan(STANDARD_ERROR * 1.2);
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(STANDARD_ERROR / 3);
});

function sketchOf(digests: readonly number[]): number[] {
  return digests.reduce<number[]>((sketch, digest) => withDigest(sketch, digest) ?? sketch, []);
}

/** Digests as those of networks are. */
function networks(name: string, howMany: number): number[] {
  return Array.from({ length: howMany }, (_, index) =>
    sketched(createHash("sha256").update(`${name} ${index}`).digest()),
  );
}
