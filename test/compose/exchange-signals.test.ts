import { expect, onTestFinished, test } from "vitest";
import { exchangeSignals } from "../../src/compose/exchange-signals.ts";
import type { SignalStore } from "../../src/core/ports.ts";
import type { SignalFollower } from "../../src/core/signals/signal-follower.ts";
import type { Signal } from "../../src/core/signals/signal.ts";
import { eventually } from "../support/eventually.ts";
import { aSignal } from "../support/signals.ts";

type Told = { signal: Signal; areHeard: boolean };

/** A process whose store and whose siblings the test plays. */
function exchange({ refuse = () => false, report }: { refuse?: () => boolean; report?: () => Promise<number> } = {}) {
  const [published, toldSiblings, log]: [Signal[], Told[], object[]] = [[], [], []];
  let [fromStore, fromSiblings]: [SignalFollower?, Pick<SignalFollower, "past" | "next">?] = [];
  const store: SignalStore = {
    async publish(signals) {
      if (refuse()) throw new Error("not now");
      published.push(...signals);
    },
    follow(follower) {
      fromStore = follower;
      return { stop: async () => undefined };
    },
  };
  const siblings = {
    join: async () => undefined,
    leave: () => undefined,
    reach: async () => undefined,
    followSignals: (follower: Pick<SignalFollower, "past" | "next">) => {
      fromSiblings = follower;
    },
    tellSignals: async (signals: readonly Signal[], areHeard: boolean) => {
      toldSiblings.push(...signals.map((signal) => ({ signal, areHeard })));
    },
  };
  const opened = new AsyncDisposableStack();
  onTestFinished(() => opened.disposeAsync());
  const feed = exchangeSignals({
    siblings,
    store,
    ...(report === undefined ? {} : { report }),
    log: { warn: (fields: object) => void log.push(fields) },
    opened,
  });
  return {
    feed,
    published,
    toldSiblings,
    log,
    fromStore: (part: "past" | "next", ...signals: Signal[]) => fromStore?.[part](signals),
    fromSiblings: (part: "past" | "next", ...signals: Signal[]) => fromSiblings?.[part](signals),
    unreadable: (count: number) => fromStore?.unreadable(count),
    close: () => opened.disposeAsync(),
  };
}

test("what is found here goes to the siblings and the store, once", async () => {
  const here = exchange();
  const signal = aSignal();
  here.feed.tell(signal);
  here.feed.tell(signal);
  await here.close();
  expect(here.published).toEqual([signal]);
  expect(here.toldSiblings).toEqual([{ signal, areHeard: false }]);
  expect(here.log).toEqual([]);
});

test("what the store tells is for who watches here and for the first process, what siblings tell for who watches here", async () => {
  const here = exchange();
  const [past, next, sibling] = [aSignal({ at: 1 }), aSignal({ at: 2 }), aSignal({ at: 3 })];
  here.fromStore("past", past);
  here.fromStore("next", next);
  here.fromSiblings("next", sibling);
  await here.close();
  expect(here.feed.recent()).toEqual([past, next, sibling]);
  expect(here.toldSiblings).toEqual([past, next].map((signal) => ({ signal, areHeard: true })));
  expect(here.published).toEqual([]);
});

test("what comes back from where it was sent is told nobody again", async () => {
  const here = exchange();
  const signal = aSignal();
  here.feed.tell(signal);
  here.fromStore("next", signal);
  here.fromSiblings("next", signal);
  await here.close();
  expect(here.feed.recent()).toEqual([signal]);
  expect(here.toldSiblings).toEqual([{ signal, areHeard: false }]);
});

test("a store that refuses for a while gets it later, and holds up nobody", async () => {
  let refusals = 2;
  const here = exchange({ refuse: () => refusals-- > 0 });
  const signal = aSignal();
  here.feed.tell(signal);
  expect(here.feed.recent()).toEqual([signal]);
  await eventually("the store has it", () => here.published.length > 0 || undefined);
  expect(here.published).toEqual([signal]);
});

test("what is lost is in the log: how many, and to whom", async () => {
  const here = exchange({ refuse: () => true, report: async () => 1 });
  for (let count = 0; count < 3; count++) here.feed.tell(aSignal());
  here.feed.tell(aSignal({ caller: "forged\nline" }));
  here.unreadable(7);
  await here.close();
  const counted = (to: string): number =>
    here.log.reduce(
      (sum: number, line) => sum + (Reflect.get(line, "to") === to ? Number(Reflect.get(line, "lost")) : 0),
      0,
    );
  expect([counted("store"), counted("anybody")]).toEqual([3, 1]);
  expect(counted("authority")).toBeGreaterThan(0);
  expect(here.log).toContainEqual({ unreadable: 7 });
  expect(JSON.stringify(here.log)).not.toContain("forged");
});
