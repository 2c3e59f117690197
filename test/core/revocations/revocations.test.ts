import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AssayError } from "../../../src/core/error.ts";
import { type Marks, packMarks } from "../../../src/core/revocations/marks.ts";
import { refusal } from "../../support/core-requests.ts";
import { digestOf, entries, entry, handDriven, MAX_STALENESS } from "./hand-driven-store.ts";

const STALE = MAX_STALENESS + 1_000;
const AWAY = new AssayError("store_unavailable", "the store does not answer");

function marks(count: number, birth = 0): Marks {
  return packMarks([[digestOf(count).toString("latin1"), birth]]);
}

describe("a view that", () => {
  test("was proved a moment ago may be judged by at once, and the store is not asked", () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    expect(revocations.settle()).toBeUndefined();
    expect([revocations.problem(), asked]).toEqual([undefined, []]);
  });

  test.each<[string, (view: ReturnType<typeof handDriven>) => void]>([
    ["has never been proved", () => undefined],
    ["was proved too long ago", ({ proved }) => proved("log/0-0", STALE)],
    [
      "is doubted, however fresh it was",
      ({ proved, tell }) => {
        proved("log/0-0");
        tell.doubted();
      },
    ],
  ])("%s has all who ask wait for one proof, and then lets them judge", async (_what, make) => {
    const view = handDriven();
    make(view);
    expect(view.revocations.problem()).toContain("not known whether revocations are missing");
    const settled = [1, 2, 3].flatMap(() => view.revocations.settle() ?? []);
    expect(settled).toHaveLength(3);
    expect(view.asked.map(({ what }) => what)).toEqual(["proof"]);
    view.proved("log/0-0");
    view.asked[0]?.answer.resolve();
    await Promise.all(settled);
    expect(view.revocations.settle()).toBeUndefined();
    expect(view.revocations.problem()).toBeUndefined();
  });

  test("cannot be proved lets nobody judge, and asks again for the next", async () => {
    const { revocations, asked } = handDriven();
    const first = refusal(Promise.resolve(revocations.settle()));
    asked[0]?.answer.reject(AWAY);
    expect(await first).toBe("store_unavailable");
    await turn();
    const second = refusal(Promise.resolve(revocations.settle()));
    asked[1]?.answer.reject(AWAY);
    expect(await second).toBe("store_unavailable");
  });

  test("was proved is no fresher for an older proof that comes late", () => {
    const { revocations, proved } = handDriven();
    proved("log/0-0");
    proved("log/0-0", STALE);
    expect(revocations.settle()).toBeUndefined();
  });

  test("was proved before the machine slept is as old as the wall clock says", () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + STALE });
    expect(revocations.settle()).toBeDefined();
    expect(asked.map(({ what }) => what)).toEqual(["proof"]);
  });

  test("is doubted knows no staleness that could be allowed, and keeps what it held", () => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.takeLogged([entry(1)]);
    tell.doubted();
    expect(revocations.staleForMs()).toBe(Infinity);
    expect(revocations.nameOneOf(marks(1))).toBe(true);
  });

  test("was doubted is as old as the proof that came since, however fresh it had been", () => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.doubted();
    proved("log/0-0", STALE);
    expect(revocations.staleForMs()).toBeGreaterThanOrEqual(STALE);
  });
});

describe("a revision", () => {
  test.each(["log/0-0", "log/1-0", "log/3-0"])("that was seen, such as %s, has been reached", (revision) => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.takeLogged(entries(1, 3));
    expect(revocations.settle(revision)).toBeUndefined();
  });

  test("that was not seen is waited for by its name", async () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    const settled = revocations.settle("log/1-0");
    expect(asked.map(({ what }) => what)).toEqual(["log/1-0"]);
    asked[0]?.answer.resolve();
    await expect(settled).resolves.toBeUndefined();
  });

  test("that was seen lets nobody judge by a view that is stale: it waits for a proof", () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0", STALE);
    expect(revocations.settle("log/0-0")).toBeDefined();
    expect(asked.map(({ what }) => what)).toEqual(["proof"]);
  });

  test("that was seen before the store went back counts no more", () => {
    const { revocations, tell, proved, asked } = handDriven();
    proved("log/0-0");
    tell.takeLogged([entry(1)]);
    tell.doubted();
    expect(revocations.settle("log/1-0")).toBeDefined();
    proved("log/0-0");
    expect(revocations.settle("log/1-0")).toBeDefined();
    expect(asked.map(({ what }) => what)).toEqual(["log/1-0", "log/1-0"]);
  });

  test("that cannot be reached lets nobody judge", async () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    const refused = refusal(Promise.resolve(revocations.settle("other/1-0")));
    asked[0]?.answer.reject(AWAY);
    expect(await refused).toBe("store_unavailable");
  });

  test("that is none is refused with the name of its field", async () => {
    const { revocations, proved, asked } = handDriven();
    proved("log/0-0");
    const settled = revocations.settle("nonsense");
    asked[0]?.answer.reject(new AssayError("invalid_request", "this is no revision"));
    await expect(settled).rejects.toMatchObject({
      code: "invalid_request",
      fields: [{ field: "at_least_as_fresh", description: expect.stringContaining("is no revision") }],
    });
  });
});

describe("an append", () => {
  test("is applied when it resolves, before the log has told it", async () => {
    const { revocations, proved } = handDriven();
    proved("log/0-0");
    expect(revocations.nameOneOf(marks(1))).toBe(false);
    const acknowledged = await revocations.append({ digest: digestOf(1), keep: "for-good", sealed: Buffer.alloc(0) });
    expect(acknowledged).toEqual({ revision: "log/1-0", durability: "local" });
    expect(revocations.nameOneOf(marks(1))).toBe(true);
  });

  test("applies what the store holds: a cut-off names what was born by then", async () => {
    const { revocations } = handDriven();
    await revocations.append({ digest: digestOf(1), cutOff: 500, keep: "for-good", sealed: Buffer.alloc(0) });
    expect([499, 500, 501].map((birth) => revocations.nameOneOf(marks(1, birth)))).toEqual([true, true, false]);
  });

  test("to a view that is full writes nothing, and evicts nothing", async () => {
    const { revocations, tell, appended } = handDriven({ capacity: 3 });
    tell.takeHeld(entries(1, 3));
    const refused = refusal(revocations.append({ digest: digestOf(4), keep: "for-good", sealed: Buffer.alloc(0) }));
    expect(await refused).toBe("store_full");
    expect(appended).toEqual([]);
    expect([1, 2, 3].every((count) => revocations.nameOneOf(marks(count)))).toBe(true);
  });

  test("has room again when something has expired", async () => {
    const { revocations, tell } = handDriven({ capacity: 1 });
    tell.takeHeld([{ digest: digestOf(1), keepUntil: 1_000 }]);
    // Each sweeps a part of the table.
    for (let part = 0; part < 128; part++) revocations.sweep(1_000);
    await revocations.append({ digest: digestOf(2), keep: "for-good", sealed: Buffer.alloc(0) });
    expect(revocations.size().entries).toBe(1);
  });
});

describe("what the store tells", () => {
  test("is held: the live set and the log, whatever the capacity", () => {
    const { revocations, tell } = handDriven({ capacity: 1 });
    tell.takeHeld(entries(1, 3));
    tell.takeLogged(entries(4, 6));
    expect([1, 2, 3, 4, 5, 6, 7].map((count) => revocations.nameOneOf(marks(count)))).toEqual([
      ...Array.from({ length: 6 }, () => true),
      false,
    ]);
    expect(revocations.size().entries).toBe(6);
    expect([...revocations.held()]).toHaveLength(6);
  });

  test("is told on in the order it comes, until nobody listens", () => {
    const { revocations, tell, proved } = handDriven();
    const heard: string[] = [];
    const unlisten = revocations.listen({
      logged: (told) => heard.push(...told.map(({ revision }) => revision)),
      proved: (revision) => heard.push(`proved ${revision}`),
      doubted: () => heard.push("doubted"),
    });
    proved("log/0-0");
    tell.takeLogged(entries(1, 2));
    tell.doubted();
    unlisten();
    tell.takeLogged(entries(3, 4));
    expect(heard).toEqual(["proved log/0-0", "log/1-0", "log/2-0", "doubted"]);
  });

  test("can be told again from a revision on, of the last thousands of entries", () => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.takeLogged(entries(1, 3));
    expect(revocations.since("log/1-0", 10)).toEqual(entries(2, 3));
    tell.takeLogged(entries(4, 8_200));
    expect(revocations.since("log/1-0", 10)).toBeUndefined();
    expect(revocations.since("log/8190-0", 4)).toEqual(entries(8_191, 8_194));
    expect(revocations.nameOneOf(marks(1))).toBe(true);
  });

  test("are not taken back by a proof that speaks of what was long before them", () => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.takeLogged(entries(1, 9_000));
    proved("log/9000-0");
    proved("log/1-0");
    expect(revocations.revision()).toBe("log/9000-0");
    expect(revocations.since("log/8999-0", 10)).toEqual([entry(9_000)]);
  });

  test("before the store went back cannot be told again", () => {
    const { revocations, tell, proved } = handDriven();
    proved("log/0-0");
    tell.takeLogged(entries(1, 3));
    tell.doubted();
    expect(revocations.since("log/1-0", 10)).toBeUndefined();
  });
});

test("a proof that is asked for is never one that was asked for before", () => {
  const { revocations, asked } = handDriven();
  revocations.settle()?.catch(() => undefined);
  revocations.prove().catch(() => undefined);
  expect(asked.map(({ what }) => what)).toEqual(["proof", "new proof"]);
});

test("of many marks one that is revoked is enough, and each has its own birth", () => {
  const { revocations, tell } = handDriven();
  tell.takeHeld([{ digest: digestOf(2), cutOff: 500 }]);
  const [first, second] = [digestOf(1).toString("latin1"), digestOf(2).toString("latin1")];
  const marksBorn = (birth: number): Marks =>
    packMarks([
      [first, 0],
      [second, birth],
    ]);
  const named = [500, 501].map((birth) => revocations.nameOneOf(marksBorn(birth)));
  expect(named).toEqual([true, false]);
});
