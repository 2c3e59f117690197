import * as fc from "fast-check";
import { expect, test } from "vitest";
import { merge } from "./merge.ts";

type Event = { at: number; source: number };

function* counting(step: number): Generator<Event, void, undefined> {
  for (let at = 0; ; at += step) yield { at, source: step };
}

test("whatever sources hold, all of it comes in order of time, and at one time in the order of the sources", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(20))), (times) => {
      const sources = times.map((source, order) =>
        source.toSorted((one, other) => one - other).map((at) => ({ at, source: order })),
      );
      const expected = sources.flat().toSorted((one, other) => one.at - other.at || one.source - other.source);
      expect([...merge(sources)]).toEqual(expected);
    }),
  );
});

test("sources without an end are read as far as they are asked for", () => {
  const merged = merge([counting(3), counting(2)]);
  expect(Array.from(merged.take(5), ({ at }) => at)).toEqual([0, 0, 2, 3, 4]);
});

test("whoever stops early ends the sources too", () => {
  let ended = 0;
  function* source(): Generator<Event, void, undefined> {
    try {
      yield* counting(1);
    } finally {
      ended += 1;
    }
  }
  for (const { at } of merge([source(), source()])) if (at > 3) break;
  expect(ended).toBe(2);
});
