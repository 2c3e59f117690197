import { setTimeout as delay } from "node:timers/promises";

export type BackOff = {
  /** Resolves when it is time to try again, or when it is given up. */
  wait(givenUp: AbortSignal, announce: (seconds: number) => void): Promise<void>;
  /** It has worked: the next wait is short again. */
  reset(): void;
};

const FIRST_MS = 250;
const GREATEST_MS = 10_000;

/** Each wait is about twice as long as the one before; not quite, so that many do not come back at once. */
export function backOff(): BackOff {
  let next = FIRST_MS;
  return {
    async wait(givenUp, announce) {
      const milliseconds = Math.round(next * (0.75 + Math.random() / 2));
      next = Math.min(GREATEST_MS, next * 2);
      announce(milliseconds / 1_000);
      await delay(milliseconds, undefined, { signal: givenUp }).catch(() => undefined);
    },
    reset: () => {
      next = FIRST_MS;
    },
  };
}
