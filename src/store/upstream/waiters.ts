import { storeUnavailable } from "./upstream-error.ts";

/** Those who wait for something to become true. */
export type Waiters = {
  /** @param deadline as `performance.now` says it @throws AssayError `store_unavailable` when it has passed */
  until(isTrue: () => boolean, deadline: number): Promise<void>;
  /** Something has changed: each looks again. */
  wake(): void;
};

export function waiters(): Waiters {
  const waiting = new Set<() => void>();
  return {
    until: (isTrue, deadline) =>
      new Promise((resolve, reject) => {
        if (isTrue()) {
          resolve();
          return;
        }
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(storeUnavailable("no proof came in time that no revocation is missing"));
        }, deadline - performance.now());
        const look = (): void => {
          if (!isTrue()) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve();
        };
        waiting.add(look);
      }),
    wake() {
      for (const look of waiting) look();
    },
  };
}
