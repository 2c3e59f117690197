import { expect, test } from "vitest";
import { openRecentTable } from "../../../src/core/signals/recent-table.ts";
import { textHash } from "../../../src/core/signals/text-hash.ts";

const [ENTRIES, WIDTH, SEED] = [1_024, 4, 99];
const VALUE = 3;

function filled(count: number) {
  const table = openRecentTable(ENTRIES, WIDTH, SEED);
  for (let key = 1; key <= count; key++) table.words[table.take(key, -key, key) + VALUE] = key;
  return table;
}

test("what was put there is found, and nothing else", () => {
  const table = filled(300);
  const values = Array.from({ length: 300 }, (_, index) => table.words[table.find(index + 1, -index - 1) + VALUE]);
  expect(values).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  expect(table.find(1, -2)).toBe(-1);
  expect(table.find(301, -301)).toBe(-1);
});

test("a million keys take no more memory than a thousand", () => {
  const table = openRecentTable(ENTRIES, WIDTH, SEED);
  for (let key = 1; key <= 1_000_000; key++) table.take(key, key, 1);
  expect(table.words).toHaveLength(ENTRIES * WIDTH);
});

test("what made room for another comes back as new", () => {
  const table = filled(ENTRIES * 20);
  expect(table.find(1, -1)).toBe(-1);
  expect(table.words[table.take(1, -1, ENTRIES * 21) + VALUE]).toBe(0);
});

test("what is used goes on being kept while others come and go", () => {
  const table = filled(1);
  for (let key = 2; key <= ENTRIES * 20; key++) {
    table.take(key, -key, key);
    table.take(1, -1, key);
  }
  expect(table.words[table.find(1, -1) + VALUE]).toBe(1);
});

test("where a key lies is the seed's secret: what meets under one is apart under another", () => {
  const place = (seed: number, key: number) => openRecentTable(ENTRIES, WIDTH, seed).take(key, key, 1);
  const [first = 0, ...others] = Array.from({ length: 5_000 }, (_, key) => key + 1);
  const table = openRecentTable(ENTRIES, WIDTH, 7);
  const home = table.take(first, first, 1);
  const meeting = others.filter((key) => Math.abs(table.take(key, key, 0) - home) < 8 * WIDTH).slice(0, 20);
  const apart = meeting.filter((key) => Math.abs(place(8, key) - place(8, first)) >= 8 * WIDTH);
  expect(meeting.length).toBe(20);
  expect(apart.length).toBeGreaterThan(15);
});

test("texts have hashes that differ with each character, the length and the seed", () => {
  const texts = ["", "a", "b", "aa", "ab", "ba", "abcd", "abce", "bbcd", "aacd", "abdd", "abcda", "\u{fc}bcd"];
  const hashes = [1, 2].flatMap((seed) => texts.map((text) => textHash(seed, text)));
  expect(new Set(hashes).size).toBe(2 * texts.length);
  expect(hashes).not.toContain(0);
});

test("user agents that differ in their last character alone are told apart, a hundred thousand of them", () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, index) => textHash(5, `Mozilla/5.0 (Windows) ${index}`)));
  expect(hashes.size).toBeGreaterThan(99_990);
});

test("once a clock was set back, what comes does not push itself out for what is of a time to come", () => {
  const table = openRecentTable(8, WIDTH, SEED);
  for (let key = 1; key <= 8; key++) table.take(key, key, 3_600);
  for (const key of [11, 12, 13]) table.take(key, key, 10);
  expect([11, 12, 13].map((key) => table.find(key, key) >= 0)).toEqual([true, true, true]);
});
