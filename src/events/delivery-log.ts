import type { Delivery } from "./delivery-observer.ts";

export type EventLog = Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;

/** What is said of the deliveries to one receiver: never what was in them. */
export type DeliveryLog = {
  /** An attempt failed, and another follows: said when it begins. */
  failing(why: string): void;
  recovered(): void;
  /** The receiver will not have an event that it was to have: said at once, and then every ten seconds at most, with how many they are. */
  lost(delivery: Exclude<Delivery, "delivered" | "retried">, why?: string): void;
  /** Says what has not been said yet. */
  end(): void;
};

const SAID_EVERY_MS = 10_000;

/** @param now in milliseconds */
export function deliveryLog(log: EventLog, receiver: string, now = () => performance.now()): DeliveryLog {
  const unsaid = new Map<string, number>();
  let saidAt = -Infinity;
  let isFailing = false;
  const say = (): void => {
    if (unsaid.size === 0) return;
    log.error({ receiver, lost: Object.fromEntries(unsaid) }, "security events were not delivered");
    unsaid.clear();
    saidAt = now();
  };
  return {
    failing(why) {
      if (isFailing) return;
      isFailing = true;
      log.warn({ receiver, why }, "security events are not accepted: they wait, and are sent again");
    },
    recovered() {
      if (!isFailing) return;
      isFailing = false;
      log.info({ receiver }, "security events are accepted again");
    },
    lost(delivery, why) {
      const cause = why === undefined ? delivery : `${delivery}: ${why}`;
      unsaid.set(cause, (unsaid.get(cause) ?? 0) + 1);
      if (now() - saidAt >= SAID_EVERY_MS) say();
    },
    end: say,
  };
}
