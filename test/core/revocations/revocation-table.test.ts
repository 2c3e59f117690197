import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { HeldRevocation } from "../../../src/core/revocation-log.ts";
import { PARTS, revocationTable, type RevocationTable } from "../../../src/core/revocations/revocation-table.ts";

const NOW = Date.UTC(2026, 10, 22);
const DIGEST = digestOf(1);

test("what was never put is not named", () => {
  const table = filled(10_000);
  for (let name = 10_000; name < 20_000; name++) expect(table.names(digestOf(name), 0, 0)).toBe(false);
});

test("an absolute revocation names every birth", () => {
  const table = tableOf({ digest: DIGEST });
  for (const birth of [-1, 0, NOW, 2 ** 48, Infinity]) expect(table.names(DIGEST, 0, birth)).toBe(true);
});

test.each([0, 1, NOW, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 2])(
  "a cut-off at %d names what was born at it or before",
  (cutOff) => {
    const table = tableOf({ digest: DIGEST, cutOff, keepUntil: NOW });
    expect(table.names(DIGEST, 0, cutOff)).toBe(true);
    expect(table.names(DIGEST, 0, cutOff - 1)).toBe(true);
    expect(table.names(DIGEST, 0, cutOff + 1)).toBe(false);
  },
);

test("a birth that is no number is named by any cut-off", () => {
  expect(tableOf({ digest: DIGEST, cutOff: 5 }).names(DIGEST, 0, Number.NaN)).toBe(true);
});

test.each([
  [NOW + 0.5, NOW + 1],
  [-5, 0],
  [2 ** 48 - 1, undefined],
  [Infinity, undefined],
  [Number.NaN, undefined],
])("a time of %d, which has no place in 48 bits, becomes the next stronger: %s", (given, held) => {
  const [revocation] = tableOf({ digest: DIGEST, cutOff: given, keepUntil: given }).entries();
  expect(revocation).toEqual(
    held === undefined ? { digest: DIGEST } : { digest: DIGEST, cutOff: held, keepUntil: held },
  );
});

test("room made beforehand, for more or fewer than come, changes nothing of what is held", () => {
  const table = filled(1_000);
  for (const expected of [-5, 0, 10, 50_000]) {
    table.reserve(expected);
    expect([table.size, new Set([...table.entries()].map(({ digest }) => digest.toString("hex"))).size]).toEqual([
      1_000, 1_000,
    ]);
  }
  for (let name = 0; name < 20_000; name++) table.put({ digest: digestOf(name) });
  expect(table.size).toBe(20_000);
  for (let name = 0; name < 20_000; name++) expect(table.names(digestOf(name), 0, 0)).toBe(true);
});

test("with room made beforehand no more memory is taken while they come", () => {
  const table = revocationTable();
  table.reserve(50_000);
  const { bytes } = table;
  for (let name = 0; name < 50_000; name++) table.put({ digest: digestOf(name) });
  expect(table.bytes).toBeLessThanOrEqual(bytes * 1.1);
});

test("a digest is read at its offset, from among others", () => {
  const table = tableOf({ digest: digestOf(2), cutOff: NOW });
  const digests = Buffer.concat([digestOf(1), digestOf(2), digestOf(3)]);
  expect([0, 16, 32].map((offset) => table.names(digests, offset, NOW))).toEqual([false, true, false]);
});

test.each<[string, Terms, Terms, Terms]>([
  ["the later cut-off", { cutOff: 5, keepUntil: 9 }, { cutOff: 6, keepUntil: 9 }, { cutOff: 6, keepUntil: 9 }],
  ["the longer keep", { cutOff: 5, keepUntil: 9 }, { cutOff: 5, keepUntil: 10 }, { cutOff: 5, keepUntil: 10 }],
  [
    "of either what is stronger",
    { cutOff: 5, keepUntil: 10 },
    { cutOff: 6, keepUntil: 9 },
    { cutOff: 6, keepUntil: 10 },
  ],
  ["absolute over a cut-off", { cutOff: 5, keepUntil: 9 }, { keepUntil: 9 }, { keepUntil: 9 }],
  ["for good over an end", { cutOff: 5, keepUntil: 9 }, { cutOff: 5 }, { cutOff: 5 }],
])("of two with one digest the stronger wins, in either order: %s", (_, one, other, stronger) => {
  const held = { digest: DIGEST, ...stronger };
  for (const terms of [
    [one, other],
    [other, one],
  ]) {
    const table = tableOf(...terms.map((each) => ({ digest: DIGEST, ...each })));
    expect([...table.entries()]).toEqual([held]);
    expect(table.put(held)).toBe(false);
    expect(table.size).toBe(1);
  }
});

test("a round of sweeps drops what is kept until then or less, and nothing else", () => {
  const table = tableOf(
    { digest: digestOf(1), keepUntil: NOW - 1 },
    { digest: digestOf(2), keepUntil: NOW },
    { digest: digestOf(3), keepUntil: NOW + 1 },
    { digest: digestOf(4) },
  );
  expect(sweepAll(table, NOW)).toBe(2);
  expect([1, 2, 3, 4].map((name) => table.names(digestOf(name), 0, NOW))).toEqual([false, false, true, true]);
  expect(table.size).toBe(2);
});

test("a clock that is no number drops nothing", () => {
  const table = filled(100);
  expect(sweepAll(table, Number.NaN)).toBe(0);
  expect(table.size).toBe(100);
});

test("what was swept leaves its memory to what comes", () => {
  const table = filled(60_000);
  const { bytes } = table;
  for (let round = 0; round < 3; round++) {
    expect(sweepAll(table, NOW)).toBe(60_000);
    for (let name = 0; name < 60_000; name++) table.put({ digest: digestOf(name), keepUntil: NOW });
  }
  expect(table.bytes).toBe(bytes);
});

test("a hundred thousand take less than 64 bytes each", () => {
  const table = filled(100_000);
  expect(table.size).toBe(100_000);
  expect(table.bytes / table.size).toBeLessThan(64);
});

test("digests that begin, or end, alike are told apart", () => {
  for (const place of [0, 4, 8, 12]) {
    const alike = Array.from({ length: 2_000 }, (_, count) => {
      const digest = Buffer.alloc(16, 7);
      digest.writeUInt32BE(count, place);
      return digest;
    });
    const table = tableOf(...alike.filter((_, index) => index % 2 === 0).map((digest) => ({ digest })));
    expect(alike.map((digest) => table.names(digest, 0, NOW))).toEqual(alike.map((_, index) => index % 2 === 0));
  }
});

test("entries are told while others put and sweep: each that was there and stays, at least once", () => {
  const table = filled(20_000);
  for (let name = 0; name < 20_000; name += 2) table.put({ digest: digestOf(name) });
  const told = new Set<string>();
  let next = 20_000;
  for (const { digest } of table.entries()) {
    told.add(digest.toString("hex"));
    table.put({ digest: digestOf(next++), keepUntil: NOW });
    if (next % 1_000 === 0) table.sweep(NOW);
  }
  const staying = Array.from({ length: 10_000 }, (_, index) => digestOf(index * 2).toString("hex"));
  expect(staying.filter((digest) => !told.has(digest))).toEqual([]);
});

test("what is told stays as it was, whatever is done with it", () => {
  const table = tableOf({ digest: DIGEST, cutOff: NOW });
  for (const { digest } of table.entries()) digest.fill(0);
  expect(table.names(DIGEST, 0, NOW)).toBe(true);
});

type Terms = Omit<HeldRevocation, "digest">;

function digestOf(name: number): Buffer {
  return createHash("sha256").update(String(name)).digest().subarray(0, 16);
}

function tableOf(...revocations: HeldRevocation[]): RevocationTable {
  const table = revocationTable();
  for (const revocation of revocations) table.put(revocation);
  return table;
}

function filled(count: number): RevocationTable {
  return tableOf(...Array.from({ length: count }, (_, name) => ({ digest: digestOf(name), keepUntil: NOW })));
}

function sweepAll(table: RevocationTable, now: number): number {
  let went = 0;
  for (let part = 0; part < PARTS; part++) went += table.sweep(now);
  return went;
}
