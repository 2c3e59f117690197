/** One timer for any number of times. */
export type Alarm = {
  /** It rings at that time at the latest, in milliseconds of `performance.now`. */
  by(time: number): void;
  off(): void;
};

/** @param ring does what is due, and says when to ring next: Infinity for not at all */
export function alarm(ring: (now: number) => number): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Infinity;

  function by(time: number): void {
    if (time >= setFor) return;
    clearTimeout(timer);
    setFor = time;
    // Timers may be early by a part of a millisecond.
    timer = setTimeout(go, Math.max(0, Math.ceil(time - performance.now())));
  }

  function go(): void {
    setFor = Infinity;
    by(ring(performance.now()));
  }

  return {
    by,
    off: () => {
      clearTimeout(timer);
      setFor = Infinity;
    },
  };
}
