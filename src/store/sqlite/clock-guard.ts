import { uptime as uptimeSeconds } from "node:os";

/** Whether this machine's wall clock goes as its monotonic clock does: what is in force is judged by it. */
export type ClockGuard = {
  /** The wall clock's time, or what it would be had it not jumped: what is under way when it does is still judged rightly. */
  now(): number;
  /** The sentence for the operator while it does not. */
  problem(): string | undefined;
};

/** In milliseconds. */
const machineUptime = (): number => uptimeSeconds() * 1_000;

/** The jump that is tolerated, in milliseconds. */
const TOLERATED_MS = 1_000;

/** Clocks that are drawn slowly to the right time drift apart: their difference is taken anew so often while it is small. */
const ANEW_MS = 60_000;

/**
 * @param wall milliseconds since the epoch
 * @param monotonic milliseconds of a clock that nobody sets
 * @param uptime the same of one that goes on while the machine sleeps
 */
export function guardClock(wall: () => number, monotonic: () => number, uptime = machineUptime): ClockGuard {
  let expected = wall() - monotonic();
  let takenAt = monotonic();
  let slept = uptime() - monotonic();
  const jumped = (): number => wall() - monotonic() - expected;
  /** Where the monotonic clock stood still while the machine slept, the wall clock has not jumped. */
  const awake = (): void => {
    const since = uptime() - monotonic() - slept;
    if (Math.abs(jumped() - since) > TOLERATED_MS) return;
    expected += since;
    slept += since;
  };
  return {
    now: () => (Math.abs(jumped()) > TOLERATED_MS ? Math.floor(expected + monotonic()) : wall()),
    problem() {
      if (Math.abs(jumped()) > TOLERATED_MS) awake();
      const jump = jumped();
      if (Math.abs(jump) > TOLERATED_MS) {
        return (
          `This machine's clock has jumped by ${(jump / 1_000).toFixed(1)} s while Assay was running, and nothing can be judged by it. ` +
          "Set it right; if it is right now, start Assay again."
        );
      }
      if (monotonic() - takenAt > ANEW_MS) {
        expected += jump;
        takenAt = monotonic();
      }
      return undefined;
    },
  };
}
