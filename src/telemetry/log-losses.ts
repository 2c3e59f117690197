import { metrics } from "@opentelemetry/api";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

/** `queue_full`: so many wait for a receiver that is slow or gone that no more are kept; `export_failed`: it did not take them. */
export type LossCause = "queue_full" | "export_failed";

/** What of the log events does not reach the receiver. */
export type LogLosses = {
  lost(count: number, why: LossCause): void;
  exported(): void;
  /** Says what has not been said yet, with those that still wait when nothing is sent any more. */
  end(waiting: number): void;
};

type Log = { warn(fields: object, message: string): void };

const SAID_EVERY_MS = 10_000;

/** Counts what is lost, and says so in the log: at once, and then every ten seconds at most. @param now in milliseconds */
export function logLosses(log: Log, now = () => performance.now()): LogLosses & { measure(): void } {
  const sums = new Map<LossCause, number>();
  let unsaid = 0;
  let saidAt = -Infinity;
  let isLosing = false;
  const say = (): void => {
    log.warn({ lost: unsaid }, "log events (signals, audit) were not exported: their receiver is too slow, or gone");
    unsaid = 0;
    saidAt = now();
  };
  return {
    lost(count, why) {
      sums.set(why, (sums.get(why) ?? 0) + count);
      unsaid += count;
      isLosing = true;
      if (now() - saidAt >= SAID_EVERY_MS) say();
    },
    exported() {
      if (!isLosing) return;
      isLosing = false;
      if (unsaid > 0) say();
      log.warn({}, "log events (signals, audit) are exported again");
    },
    end(waiting) {
      unsaid += waiting;
      if (unsaid > 0) say();
    },
    /** To be called when telemetry has started. */
    measure() {
      metrics
        .getMeter(SCOPE)
        .createObservableCounter(METRICS.logEventsLost, { description: "Log events that were not exported, by cause." })
        .addCallback((result) => {
          for (const [why, sum] of sums) result.observe(sum, { [ATTRIBUTES.errorType]: why });
        });
    },
  };
}
