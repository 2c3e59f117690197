import { performance } from "node:perf_hooks";
import type { Clock } from "../../core/ports.ts";

export type ServerClock = Clock & {
  /** Asks Redis for its time. Must have succeeded once before the store opens. */
  measure(): Promise<void>;
  stop(): void;
};

const INTERVAL_MS = 1_000;

/** By how much two clocks may part, generously: a millisecond a second. */
const DRIFT = 0.001;

/**
 * The time of Redis, carried on between measurements by the monotonic clock, which no one can set. While Redis is away the last
 * offset stays; before the first measurement it is that of this machine's clock.
 * @param time the TIME command: seconds and microseconds
 */
export function startServerClock(time: () => Promise<readonly (number | string)[]>): ServerClock {
  let offset = Date.now() - performance.now();
  let uncertainty = Infinity;
  let measuredAt = performance.now();

  async function measure(): Promise<void> {
    const sent = performance.now();
    const [seconds, microseconds] = await time();
    const received = performance.now();
    const measured = Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (sent + received) / 2;
    if (!Number.isFinite(measured)) {
      throw new TypeError("TIME did not return a time");
    }
    // An answer that was long on its way says little: it is heard only once the last measurement has become as doubtful.
    if ((received - sent) / 2 > uncertainty + (received - measuredAt) * DRIFT) {
      return;
    }
    offset = measured;
    uncertainty = (received - sent) / 2;
    measuredAt = received;
  }

  const timer = setInterval(() => {
    measure().catch(() => undefined);
  }, INTERVAL_MS).unref();

  return {
    now: () => Math.floor(performance.now() + offset),
    measure,
    stop: () => clearInterval(timer),
  };
}
