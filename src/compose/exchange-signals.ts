import type { Logger } from "pino";
import type { SignalStore } from "../core/ports.ts";
import { sendInBatches, type Sending } from "../core/send-in-batches.ts";
import { readSignal } from "../core/signals/read-signal.ts";
import { type SignalFeed, signalFeed } from "../core/signals/signal-feed.ts";
import type { Signal } from "../core/signals/signal.ts";
import type { Siblings } from "./siblings.ts";
import { signalLosses } from "./signal-losses.ts";

export type ExchangeOptions = {
  siblings: Siblings | undefined;
  /** Where the instances of the deployment tell each other. */
  store?: SignalStore | undefined;
  /** Tells an authority. @returns how many it did not take. @throws where it may be told again */
  report?: (signals: readonly Signal[]) => Promise<number>;
  log: Pick<Logger, "warn">;
  /** What is opened is put here, to be closed in reverse. */
  opened: AsyncDisposableStack;
};

/** So that a flood of signals costs a store or an authority ten writes a second at most. */
const PAUSE_MS = 100;

/**
 * The feed of this process. What it is told goes on to the other processes of the instance, and to the other instances; what those tell
 * is heard here and goes nowhere else, but to the first process, which hears nothing by itself. Nothing waits for any of it.
 */
export function exchangeSignals({ siblings, store, report, log, opened }: ExchangeOptions): SignalFeed {
  const feed = signalFeed();
  const losses = signalLosses(log);
  opened.defer(() => losses.close());

  function way(to: string, pauseMs: number, send: (signals: readonly Signal[]) => Promise<number>): Sending<Signal> {
    const sending = sendInBatches<Signal>({ send, lost: (count) => losses.lost(to, count), pauseMs });
    opened.defer(() => sending.close());
    return sending;
  }
  const toWorkers = (areHeard: boolean): Sending<Signal>[] =>
    siblings === undefined ? [] : [way("workers", 0, (signals) => none(siblings.tellSignals(signals, areHeard)))];

  const ways = [
    ...toWorkers(false),
    ...(store === undefined ? [] : [way("store", PAUSE_MS, (signals) => none(store.publish(signals)))]),
    ...(report === undefined ? [] : [way("authority", PAUSE_MS, report)]),
  ];
  siblings?.followSignals({
    past: (signals) => void feed.remember(signals),
    next: (signals) => signals.forEach((signal) => void feed.tell(signal)),
  });
  if (store !== undefined) hear(store, feed, { heard: toWorkers(true), unreadable: losses.unreadable });
  return {
    ...feed,
    tell(signal) {
      if (!feed.tell(signal)) return false;
      // Else it would be left out there, and what goes with it in doubt.
      const readable = readSignal(signal);
      if (readable === undefined) losses.lost("anybody", 1);
      else for (const { put } of ways) put(readable);
      return true;
    },
  };
}

type Hearing = { heard: readonly Sending<Signal>[]; unreadable: (count: number) => void };

/** Ends with the store. */
function hear(store: SignalStore, feed: SignalFeed, { heard, unreadable }: Hearing): void {
  const passOn = (signals: readonly Signal[]): void => {
    for (const { put } of heard) signals.forEach(put);
  };
  store.follow({
    past: (signals) => passOn(feed.remember(signals)),
    next: (signals) => passOn(signals.filter((signal) => feed.tell(signal))),
    unreadable,
  });
}

async function none(sent: Promise<void>): Promise<number> {
  await sent;
  return 0;
}
