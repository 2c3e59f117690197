import { backOffMs } from "./back-off.ts";

/** How an attempt ended, for those that follow. */
export type Attempt = {
  answered(): void;
  /** @param askedMs how long the receiver asks to be left alone */
  failed(askedMs: number | undefined): void;
};

/** How hard a receiver is tried: several times at once while it answers, once after a pause while it fails. */
export type Pace = {
  /** Whether there may be another attempt, beside so many. */
  allows(others: number): boolean;
  begin(): Attempt;
  stop(): void;
};

/** @param rested called when a pause has ended */
export function pace(atOnce: number, rested: () => void): Pace {
  let failures = 0;
  let pause: NodeJS.Timeout | undefined;
  /** Attempts that were begun together fail together: that counts once. */
  let wave = 0;

  const rest = (ms: number): void => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      pause = undefined;
      rested();
    }, ms);
  };

  return {
    allows: (others) => pause === undefined && others < (failures === 0 ? atOnce : 1),
    begin() {
      const own = wave;
      return {
        answered() {
          if (own === wave) failures = 0;
        },
        failed(askedMs) {
          if (own !== wave) return;
          wave += 1;
          failures += 1;
          rest(backOffMs(failures, askedMs));
        },
      };
    },
    stop: () => clearTimeout(pause),
  };
}
