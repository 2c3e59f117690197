import { describe, expect, test } from "vitest";
import { recentEntries } from "../../../src/core/revocations/recent-entries.ts";
import { entries, entry } from "./hand-driven-store.ts";

const START = "log/0-0";

function following(count: number) {
  const recent = recentEntries();
  recent.proved(START);
  recent.add(entries(1, count));
  return recent;
}

describe("what followed a revision", () => {
  test.each<[string, string, number, number, number]>([
    ["the beginning", START, 10, 1, 5],
    ["an entry", "log/2-0", 10, 3, 5],
    ["the last entry, nothing", "log/5-0", 10, 6, 5],
    ["the beginning, as many as are asked for", START, 2, 1, 2],
    ["an entry, none where none is asked for", "log/2-0", 0, 3, 2],
  ])("is known of %s", (_what, after, atMost, from, to) => {
    expect(following(5).after(after, atMost)).toEqual(entries(from, to));
  });

  test("is not known of a revision that was never told", () => {
    for (const unknown of ["log/6-0", "other/1-0", ""]) expect(following(5).after(unknown, 10)).toBeUndefined();
  });

  test("is not known before a proof has said where following began", () => {
    const recent = recentEntries();
    expect(recent.after(START, 10)).toBeUndefined();
  });
});

test("an entry that is told again counts once, in its place", () => {
  const recent = following(3);
  recent.add([entry(2), entry(3), entry(4)]);
  expect(recent.after("log/1-0", 10)).toEqual(entries(2, 4));
});

test("a proof of what is known already forgets nothing", () => {
  const recent = following(3);
  recent.proved("log/3-0");
  expect(recent.after(START, 10)).toEqual(entries(1, 3));
});

test("a proof that comes when what it speaks of is forgotten already says nothing of what came since", () => {
  const recent = following(3);
  recent.add(entries(4, 9_000));
  expect(recent.proved("log/3-0")).toBe(false);
  expect(recent.after("log/3-0", 10)).toBeUndefined();
  expect(recent.after("log/8998-0", 10)).toEqual(entries(8_999, 9_000));
});

test("after it was cleared it begins with the next proof", () => {
  const recent = following(3);
  recent.clear();
  expect(recent.proved("log/9-0")).toBe(true);
  recent.add([entry(10)]);
  expect(recent.after("log/3-0", 10)).toBeUndefined();
  expect(recent.after("log/9-0", 10)).toEqual([entry(10)]);
});

test.each([8_191, 8_192, 8_193, 20_000])(
  "of %i entries the last 4,096 at least are known, and never a part with a gap",
  (count) => {
    const recent = recentEntries();
    recent.proved(START);
    for (const one of entries(1, count)) recent.add([one]);
    expect(recent.after(`log/${count - 4_096}-0`, 5_000)).toEqual(entries(count - 4_095, count));
    const places = [0, 1, 4_096, count - 4_097, count - 8_192].filter((place) => recent.has(`log/${place}-0`));
    for (const place of places) expect(recent.after(`log/${place}-0`, 20_000)).toEqual(entries(place + 1, count));
  },
);

test("of more than 8,192 entries the oldest are not known any more, nor that they were reached", () => {
  const recent = following(8_193);
  expect(recent.after(START, 10)).toBeUndefined();
  expect(recent.has("log/1-0")).toBe(false);
  expect(recent.has("log/8193-0")).toBe(true);
});

test("nothing of a log that is another now is known", () => {
  const recent = following(3);
  recent.clear();
  expect(recent.after("log/3-0", 10)).toBeUndefined();
});
