import { expect, test } from "vitest";
import type { Signal } from "../../src/core/signals/signal.ts";
import { exchangeSignals } from "../../src/workers/exchange-signals.ts";
import { readFromWorker, readToWorker, type ToWorker } from "../../src/workers/messages.ts";
import { eventually } from "../support/eventually.ts";
import { aSignal } from "../support/signals.ts";

/** A worker whose channel the test plays. */
function worker() {
  const told: ToWorker[] = [];
  let taken = Promise.resolve();
  const signals = (arePast: boolean): Signal[] =>
    told.flatMap((message) => (message.kind === "signals" && message.arePast === arePast ? message.signals : []));
  return {
    told,
    past: () => signals(true),
    next: () => signals(false),
    freeze: () => {
      taken = new Promise(() => undefined);
    },
    send: (message: ToWorker) => void told.push(message),
    sendInTurn: (message: ToWorker) => {
      told.push(message);
      return taken;
    },
  };
}

const found = (...signals: Signal[]) => ({ kind: "signals" as const, signals, areHeard: false });

test("what one worker finds is told to all others that follow, and to nobody twice", async () => {
  const [one, other, deaf] = [worker(), worker(), worker()];
  const exchange = exchangeSignals<ReturnType<typeof worker>>(() => undefined);
  for (const member of [one, other]) exchange.follow(member);
  const signal = aSignal();
  exchange.told(one, found(signal));
  await eventually("the other is told", () => other.next().length > 0 || undefined);
  expect([one.told, other.next(), deaf.told]).toEqual([[], [signal], []]);
  expect(exchange.feed.recent()).toEqual([signal]);
});

test("a worker that starts later is told what there was, a hundred at a time", () => {
  const [one, late] = [worker(), worker()];
  const exchange = exchangeSignals<ReturnType<typeof worker>>(() => undefined);
  const signals = Array.from({ length: 250 }, (_, at) => aSignal({ at }));
  for (const signal of signals) exchange.told(one, found(signal));
  exchange.follow(late);
  expect(late.told).toHaveLength(3);
  expect(late.past()).toEqual(signals);
});

test("what a worker has heard where the others hear it, too, is for the first process alone", () => {
  const [one, other] = [worker(), worker()];
  const exchange = exchangeSignals<ReturnType<typeof worker>>(() => undefined);
  exchange.follow(other);
  const signal = aSignal();
  exchange.told(one, { ...found(signal), areHeard: true });
  exchange.told(other, { ...found(signal), areHeard: true });
  expect(exchange.feed.recent()).toEqual([signal]);
  expect(other.told).toEqual([]);
});

test("for a worker that does not read no more than a thousand wait, and what is lost is said", () => {
  const [one, frozen] = [worker(), worker()];
  frozen.freeze();
  let lost = 0;
  const exchange = exchangeSignals<ReturnType<typeof worker>>((member, count) => {
    if (member === frozen) lost += count;
  });
  exchange.follow(frozen);
  for (let count = 0; count < 1_500; count++) exchange.told(one, found(aSignal()));
  expect(frozen.next()).toHaveLength(1);
  expect(lost).toBe(500);
});

test("who has ended is told nothing", () => {
  const [one, gone] = [worker(), worker()];
  const exchange = exchangeSignals<ReturnType<typeof worker>>(() => undefined);
  exchange.follow(gone);
  exchange.gone(gone);
  exchange.told(one, found(aSignal()));
  expect(gone.told).toEqual([]);
});

test("a message holds a hundred signals, and nothing that is none", () => {
  const many = Array.from({ length: 101 }, () => aSignal());
  const past = { kind: "signals", arePast: true };
  expect(readFromWorker(found(...many.slice(1)))).toBeDefined();
  expect(readFromWorker(found(...many))).toBeUndefined();
  expect(readToWorker({ ...past, signals: many })).toBeUndefined();
  for (const lie of [{ ...aSignal(), kind: "x" }, "x", undefined]) {
    expect(readFromWorker({ kind: "signals", areHeard: false, signals: [lie] })).toBeUndefined();
    expect(readToWorker({ ...past, signals: [lie] })).toBeUndefined();
  }
});
