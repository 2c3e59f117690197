import { storeUnavailable } from "./sqlite-error.ts";

/** One answer that all wait for who ask before it is there. */
export type SharedWait = {
  /** @param ask called once for all who wait, in a turn of its own @throws AssayError `store_unavailable` */
  wait(ask: () => void): Promise<void>;
  /** The answer is there: it is told, then those who waited go on. Whoever asks from now on waits for the next. */
  answer(tell: () => void): void;
  /** Why there is no answer yet. */
  note(cause: unknown): void;
  /** Those who wait need not wait any longer. */
  fail(): void;
};

/** @param timeoutMs how long an answer may take before it fails by itself */
export function sharedWait(timeoutMs: number): SharedWait {
  let waiting: (PromiseWithResolvers<void> & { timer: NodeJS.Timeout }) | undefined;
  let noted: unknown;

  function fail(): void {
    const failing = waiting;
    waiting = undefined;
    clearTimeout(failing?.timer);
    failing?.reject(storeUnavailable(noted ?? new Error("the store was not read in time")));
  }

  return {
    wait(ask) {
      if (waiting === undefined) {
        noted = undefined;
        waiting = { ...Promise.withResolvers<void>(), timer: setTimeout(fail, timeoutMs) };
        queueMicrotask(ask);
      }
      return waiting.promise;
    },
    answer(tell) {
      const answered = waiting;
      waiting = undefined;
      try {
        tell();
      } finally {
        clearTimeout(answered?.timer);
        answered?.resolve();
      }
    },
    note(cause) {
      noted = cause;
    },
    fail,
  };
}
