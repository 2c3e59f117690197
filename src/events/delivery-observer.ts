/**
 * What became of an event for one receiver. `delivered`: it has it; `refused`: it does not take it; `retried`: an attempt failed, and
 * another follows. Of the others nothing more is tried: `queue_full`, `expired` (for a day it could not be delivered), `stopped` (it still
 * waited when the process ended).
 */
export type Delivery = "delivered" | "refused" | "retried" | "queue_full" | "expired" | "stopped";

/** Hears of each, for telemetry. */
export type DeliveryObserver = {
  told(receiver: string, delivery: Delivery): void;
  /** How many wait for it. */
  follow(receiver: string, waiting: () => number): void;
};
