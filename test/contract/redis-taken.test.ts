/** A log that went back in time never passes for one that went on. */
import { expect, test } from "vitest";
import type { LogEntry } from "../../src/store/redis/revocation-bytes.ts";
import { catchUp, isAfter, lastId, placeOf, runAhead, type Taken } from "../../src/store/redis/taken.ts";
import { digest } from "./store-under-test.ts";

function entry(id: string): LogEntry {
  return { id, revocation: { digest: digest(), revision: id, sealed: Buffer.alloc(0) } };
}

const [first, second, third] = [entry("1-0"), entry("2-0"), entry("3-0")];

function takenUpTo(from: LogEntry, ...ahead: LogEntry[]): Taken {
  return { proven: placeOf(from), ahead };
}

test("entries are ahead until a proof brings them again, and are told once", () => {
  const taken = takenUpTo(first);
  expect(runAhead(taken, [second])).toEqual([second]);
  expect(catchUp(taken, [second, third], 1, true)).toEqual([third]);
  expect(taken).toEqual(takenUpTo(third));
});

test("what a proof has brought meanwhile is not taken again", () => {
  const taken = takenUpTo(second);
  expect(runAhead(taken, [second, third])).toEqual([third]);
  expect(lastId(taken)).toBe("3-0");
});

test("what came after a proof was sent may be missing from it, and stays ahead", () => {
  const taken = takenUpTo(first, second, third);
  expect(catchUp(taken, [second], 1, true)).toEqual([]);
  expect(taken).toEqual(takenUpTo(second, third));
});

test.for([
  ["is missing", [], 1],
  ["is missing between others", [third], 2],
  ["is another under the same id", [entry("2-0"), third], 2],
] as const)("a log in which an entry that was taken %s has gone back", ([, entries, known]) => {
  const taken = takenUpTo(first, second, third);
  expect(catchUp(taken, entries, known, true)).toBeUndefined();
});

test("a proof that does not bring all says nothing of what it left out", () => {
  const taken = takenUpTo(first, second, third);
  expect(catchUp(taken, [second], 2, false)).toEqual([]);
});

test.for([
  ["2-0", "1-9", true],
  ["1-10", "1-9", true],
  ["10-0", "9-0", true],
  ["1-0", "1-0", false],
] as const)("%s after %s: %s", ([id, other, expected]) => {
  expect(isAfter(id, other)).toBe(expected);
});
