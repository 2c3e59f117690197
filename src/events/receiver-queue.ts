import { setTimeout as delay } from "node:timers/promises";
import type { EventName } from "../core/events/security-event.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Delivery } from "./delivery-observer.ts";
import type { PushOutcome } from "./judge-answer.ts";
import { type Attempt, pace } from "./pace.ts";

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
  let isClosing = false;

  const next = (): void => {
    while (!stop.signal.aborted && trying.allows(sending)) {
      const item = waiting.shift();
      if (item === undefined) return;
      sending += 1;
      void send(item);
    }
  };
  const trying = pace(atOnce, next);

  const send = async (item: Item): Promise<void> => {
    const tried = trying.begin();
    const outcome = await attempt(item.claims, stop.signal);
    sending -= 1;
    if (outcome.outcome === "again") again(item, tried, outcome);
    else {
      tried.answered();
      if (outcome.outcome === "delivered") log.recovered();
      end(item, outcome.outcome, outcome.outcome === "refused" ? outcome.why : undefined);
    }
    next();
  };

  const again = (item: Item, tried: Attempt, { why, afterMs }: Extract<PushOutcome, { outcome: "again" }>): void => {
    if (stop.signal.aborted) return end(item, "stopped");
    tried.failed(afterMs);
    log.failing(why);
    if (performance.now() - item.since > GIVE_UP_MS) return end(item, "expired");
    told("retried");
    waiting.push(item);
  };

  const end = (item: Item, delivery: Exclude<Delivery, "retried">, why?: string): void => {
    if (delivery !== "delivered") log.lost(delivery, why);
    told(delivery);
    held = { events: held.events - 1, bytes: held.bytes - item.bytes };
    if (held.events === 0 && isClosing) emptied.resolve();
  };

  /** A flood of signals is not to push out what was revoked. */
  const isFull = ({ name, bytes }: Waiting): boolean => {
    const part = name === "signal" ? 0.5 : 1;
    return held.events >= most.events * part || held.bytes + bytes > most.bytes * part;
  };

  return {
    put(event) {
      const drop = stop.signal.aborted ? "stopped" : isFull(event) ? "queue_full" : undefined;
      if (drop !== undefined) {
        log.lost(drop);
        told(drop);
        return;
      }
      held = { events: held.events + 1, bytes: held.bytes + event.bytes };
      waiting.push({ ...event, since: performance.now() });
      next();
    },
    size: () => held.events,
    async close(withinMs, hurry) {
      isClosing = true;
      if (held.events > 0) await within(withinMs, hurry, emptied.promise);
      stop.abort();
      trying.stop();
      for (const item of waiting.splice(0)) end(item, "stopped");
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
