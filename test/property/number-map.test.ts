import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type NumberMap, numberMap } from "../../src/transport/grpc/number-map.ts";

/** Few enough to meet each other; more than the first table holds. */
const anyKey = fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 0x7fff_ffff }));
const anyChange = fc.record({ key: anyKey, isDeleted: fc.boolean() });

test("a map from numbers holds what a Map holds, whatever was put and deleted", () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 300 }), (changes) => {
      const [map, model] = [numberMap<number>(), new Map<number, number>()];
      for (const [index, { key, isDeleted }] of changes.entries()) {
        for (const one of [map, model]) {
          if (isDeleted) one.delete(key);
          else one.set(key, index);
        }
        expect([map.get(key), map.size]).toEqual([model.get(key), model.size]);
      }
      expect(contentOf(map)).toEqual(model);
    }),
  );
});

test("whoever visits a map may delete from it, and visits each of the others once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyKey, { maxLength: 100 }), (keys) => {
      const map = numberMap<number>();
      for (const one of keys) map.set(one, one);
      const visited: number[] = [];
      map.forEach((value) => {
        visited.push(value);
        map.delete(value);
      });
      expect(visited).toHaveLength(keys.length);
      expect(new Set(visited)).toEqual(new Set(keys));
      expect(map.size).toBe(0);
    }),
  );
});

test("nothing is found where nothing was put, not even at 0", () => {
  const map = numberMap<string>();
  expect(map.get(0)).toBeUndefined();
  expect(map.delete(0)).toBe(false);
  expect(map.get(33)).toBeUndefined();
});

function contentOf(map: NumberMap<number>): Map<number, number> {
  const content = new Map<number, number>();
  map.forEach((value, key) => content.set(key, value));
  return content;
}
