import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { SecurityEvent } from "../core/events/security-event.ts";
import type { Addressed } from "../core/events/security-event-token.ts";
import type { SecurityEvents } from "../core/ports.ts";
import { deliveryLog, type EventLog } from "./delivery-log.ts";
import type { DeliveryObserver } from "./delivery-observer.ts";
import type { PushOutcome } from "./judge-answer.ts";
import { openPush } from "./push.ts";
import type { Receiver } from "./receiver.ts";
import { receiverQueue, type ReceiverQueue } from "./receiver-queue.ts";

export type SecurityEventOptions = {
  receivers: readonly Receiver[];
  /** What a Security Event Token says. */
  claimsOf: (event: SecurityEvent, addressed: Addressed) => object;
  /** @throws AssayError where there is no key that signs, for now */
  sign: (claims: object) => Promise<string>;
  observer: DeliveryObserver;
  log: EventLog;
};

export type OpenSecurityEvents = SecurityEvents & {
  /** To be called when nothing is told any more: goes on for so long, while anything waits. Never rejects. */
  close: (withinMs: number, hurry: AbortSignal) => Promise<void>;
};

const AT_ONCE = 8;
/** For each receiver: some 20 MB with what holds them. */
const MOST_WAITING = { events: 10_000, bytes: 16_777_216 };

/** Tells receivers of events, each what it wants to hear, from the memory of this process. */
export function openSecurityEvents(options: SecurityEventOptions): OpenSecurityEvents {
  const { receivers, claimsOf, log } = options;
  const opened = receivers.map((receiver) => ({ receiver, ...openReceiver(receiver, options) }));

  const put = (event: SecurityEvent): void => {
    const txn = randomUUID();
    for (const { receiver, queue } of opened) {
      if (!receiver.events.has(event.name)) continue;
      const claims = claimsOf(event, { audience: receiver.audience, jti: randomUUID(), txn });
      queue.put({ name: event.name, claims, bytes: JSON.stringify(claims).length });
    }
  };

  return {
    tell(make) {
      setImmediate(() => {
        try {
          put(make());
        } catch (error) {
          log.error({ err: error }, "a security event could not be made");
        }
      });
    },
    async close(withinMs, hurry) {
      // What the last calls told is put in the turn after them, and their signals in the one after that.
      await nextTurn();
      await nextTurn();
      await Promise.all(opened.map(({ queue }) => queue.close(withinMs, hurry)));
      for (const { push } of opened) push.close();
    },
  };
}

function openReceiver(receiver: Receiver, { sign, observer, log }: SecurityEventOptions) {
  const push = openPush(receiver, AT_ONCE);
  const queue: ReceiverQueue = receiverQueue({
    attempt: async (claims, stopped): Promise<PushOutcome> => {
      const set = await sign(claims).catch(() => undefined);
      return set === undefined ? { outcome: "again", why: "no key signs" } : push.send(set, stopped);
    },
    told: (delivery) => observer.told(receiver.name, delivery),
    log: deliveryLog(log, receiver.name),
    atOnce: AT_ONCE,
    most: MOST_WAITING,
  });
  observer.follow(receiver.name, queue.size);
  return { push, queue };
}
