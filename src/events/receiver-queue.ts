import { setTimeout as delay } from "node:timers/promises";
import type { EventName } from "../core/events/security-event.ts";
import { backOffMs } from "./back-off.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Delivery } from "./delivery-observer.ts";
import type { PushOutcome } from "./judge-answer.ts";

/** Signed when it is sent, each time anew: a key that has been revoked meanwhile signs nothing. */
export type Waiting = { name: EventName; claims: object; bytes: number };

export type QueueOptions = {
  /** One attempt. Never rejects. */
  attempt: (claims: object, stopped: AbortSignal) => Promise<PushOutcome>;
  told: (delivery: Delivery) => void;
  log: DeliveryLog;
  /** Attempts at once, while the receiver answers. */
  atOnce: number;
  /** Of what waits, those that are being sent included. */
  most: { events: number; bytes: number };
};

/** What one receiver is still to be told. */
export type ReceiverQueue = {
  /** Takes it, or drops it where too much waits already. */
  put(event: Waiting): void;
  size: () => number;
  /** Goes on for so long, while anything waits; then what is left is lost. Never rejects. */
  close(withinMs: number, hurry: AbortSignal): Promise<void>;
};

const GIVE_UP_MS = 86_400_000;

type Item = Waiting & { since: number };

/**
 * Sends what waits, several at once, in no promised order. While the receiver fails there is one attempt at a time, with growing pauses,
 * and what failed goes to the end: one event that the receiver stumbles over holds up no other.
 */
export function receiverQueue({ attempt, told, log, atOnce, most }: QueueOptions): ReceiverQueue {
  const waiting: Item[] = [];
  const stop = new AbortController();
  const emptied = Promise.withResolvers<void>();
  let held = { events: 0, bytes: 0 };
  let sending = 0;
  let failures = 0;
  let resting: NodeJS.Timeout | undefined;
  /** Attempts that were begun together fail together: that counts once. */
  let wave = 0;
  let isClosing = false;

  const hold = (sign: 1 | -1, { bytes }: Waiting): void => {
    held = { events: held.events + sign, bytes: held.bytes + sign * bytes };
    if (held.events === 0 && isClosing) emptied.resolve();
  };

  const mayBegin = (): boolean =>
    resting === undefined && !stop.signal.aborted && sending < (failures === 0 ? atOnce : 1);

  const next = (): void => {
    while (mayBegin()) {
      const item = waiting.shift();
      if (item === undefined) return;
      sending += 1;
      void send(item, wave);
    }
  };

  const send = async (item: Item, ofWave: number): Promise<void> => {
    const outcome = await attempt(item.claims, stop.signal);
    sending -= 1;
    if (outcome.outcome === "again") again(item, ofWave, outcome);
    else settle(item, ofWave, outcome);
    next();
  };

  const settle = (item: Item, ofWave: number, outcome: Exclude<PushOutcome, { outcome: "again" }>): void => {
    if (ofWave === wave) failures = 0;
    if (outcome.outcome === "refused") log.lost("refused", outcome.why);
    else log.recovered();
    told(outcome.outcome);
    hold(-1, item);
  };

  const again = (item: Item, ofWave: number, { why, afterMs }: Extract<PushOutcome, { outcome: "again" }>): void => {
    if (stop.signal.aborted) return lose(item, "stopped");
    log.failing(why);
    if (ofWave === wave) {
      wave += 1;
      failures += 1;
      rest(backOffMs(failures, afterMs));
    }
    if (performance.now() - item.since > GIVE_UP_MS) return lose(item, "expired");
    told("retried");
    waiting.push(item);
  };

  const rest = (ms: number): void => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      resting = undefined;
      next();
    }, ms);
  };

  const lose = (item: Waiting, delivery: "expired" | "stopped"): void => {
    log.lost(delivery);
    told(delivery);
    hold(-1, item);
  };

  return {
    put(event) {
      // A flood of signals is not to push out what was revoked.
      const part = event.name === "signal" ? 0.5 : 1;
      if (held.events >= most.events * part || held.bytes + event.bytes > most.bytes * part) {
        log.lost("queue_full");
        told("queue_full");
        return;
      }
      hold(1, event);
      waiting.push({ ...event, since: performance.now() });
      next();
    },
    size: () => held.events,
    async close(withinMs, hurry) {
      isClosing = true;
      if (held.events > 0) await within(withinMs, hurry, emptied.promise);
      stop.abort();
      clearTimeout(resting);
      for (const item of waiting.splice(0)) lose(item, "stopped");
      // Those that were being sent end as soon as they are broken off.
      if (held.events > 0) await emptied.promise;
      log.end();
    },
  };
}

/** Waits no longer than that, and not at all where there is a hurry. */
async function within(ms: number, hurry: AbortSignal, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([hurry, done.signal]);
  await Promise.race([work, delay(Math.max(0, ms), undefined, { signal }).catch(() => undefined)]);
  done.abort();
}
