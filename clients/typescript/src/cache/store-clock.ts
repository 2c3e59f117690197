import type { SyncResponse } from "../gen/assay/v1/authority_service.ts";

/** What is known of the time by which the service dates its proofs. */
export type StoreClock = {
  /** Asks once. @throws Error when the time was set: what it dated before is not to be compared with what it dates now */
  measure(): Promise<void>;
  /** Forgets what was measured: another instance may answer. */
  restart(): void;
  /** At the latest when a moment of the store's time was, as `performance.now` says it. Undefined where that cannot be told. */
  dated(storeTimeMs: number): number | undefined;
};

/** By how much two clocks may part, generously: a millisecond a second. */
const DRIFT = 0.001;
/** Beyond this it was set, or this machine slept. */
const TOLERANCE_MS = 1_000;
/** The store's time is told in whole milliseconds, twice. */
const ROUNDING_MS = 2;

/** The store's time, carried on between measurements by the monotonic clock, which no one can set. */
export function storeClock(ask: () => Promise<SyncResponse>): StoreClock {
  let offset = 0;
  let doubt = Infinity;
  let measuredAt = 0;
  const doubtNow = (): number => doubt + (performance.now() - measuredAt) * DRIFT;

  return {
    restart() {
      doubt = Infinity;
    },
    async measure() {
      const sent = performance.now();
      const { store_time_ms: told } = await ask();
      const received = performance.now();
      const [measured, itsDoubt] = [told - (sent + received) / 2, (received - sent) / 2];
      if (Math.abs(measured - offset) > TOLERANCE_MS + itsDoubt + doubtNow())
        throw new Error("the store's clock was set, or this machine slept");
      // An answer that was long on its way says less than what is known.
      if (itsDoubt > doubtNow()) return;
      [offset, doubt, measuredAt] = [measured, itsDoubt, received];
    },
    dated(storeTimeMs) {
      const at = storeTimeMs - offset - doubtNow() - ROUNDING_MS;
      // What is later than now was dated by another time.
      return at > -Infinity && at <= performance.now() ? at : undefined;
    },
  };
}
