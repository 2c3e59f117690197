import { expect, test } from "vitest";
import { signalFeed } from "../../../src/core/signals/signal-feed.ts";
import type { Signal } from "../../../src/core/signals/signal.ts";
import { aSignal } from "../../support/signals.ts";

test("who follows is told each signal once, whatever ways it comes by, until it leaves", () => {
  const feed = signalFeed();
  const told: Signal[] = [];
  const leave = feed.follow((signal) => told.push(signal));
  const [one, other] = [aSignal(), aSignal()];
  expect([feed.tell(one), feed.tell(one)]).toEqual([true, false]);
  leave();
  feed.tell(other);
  expect(told).toEqual([one]);
  expect(feed.recent()).toEqual([one, other]);
});

test("it keeps the latest 1,000, and no more ids than that", () => {
  const feed = signalFeed();
  const signals = Array.from({ length: 1_001 }, (_, at) => aSignal({ at }));
  for (const signal of signals) feed.tell(signal);
  expect(feed.recent()).toEqual(signals.slice(1));
  const [first] = signals;
  expect(feed.tell(first ?? aSignal())).toBe(true);
});

test("what was found before is remembered in its order, and told to nobody", () => {
  const feed = signalFeed();
  const told: Signal[] = [];
  feed.follow((signal) => told.push(signal));
  const [early, now] = [aSignal({ at: 1 }), aSignal({ at: 2 })];
  feed.tell(now);
  expect(feed.remember([early, now])).toEqual([early]);
  expect(feed.recent()).toEqual([early, now]);
  expect(told).toEqual([now]);
});

test("a verifier that takes the id of another's signal hides nothing", () => {
  const feed = signalFeed();
  const honest = aSignal();
  feed.tell({ ...honest, kind: "audience_probing", reportedBy: "liar" });
  expect(feed.tell(honest)).toBe(true);
  expect(feed.tell({ ...honest, reportedBy: "late" })).toBe(false);
});
