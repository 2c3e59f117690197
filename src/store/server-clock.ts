import { performance } from "node:perf_hooks";
import type { Clock } from "../core/ports.ts";

export type ServerClock = Required<Clock> & {
  /** Asks the server for its time. Must have succeeded once before the store opens, and is to be repeated each second. */
  measure(): Promise<void>;
  /** Another server is asked from now on: nothing is known of its time before the next measurement. */
  restart(): void;
  /**
   * Undefined when the last measurement agrees with the one before, and the time with this machine's clock, which goes on while the
   * machine sleeps; else what is wrong, as a clause.
   */
  disagreement(): string | undefined;
  /**
   * The same of a time that the server told in between, with something else. Nothing is learnt from it.
   * @param sent when it was asked, as `received` in milliseconds of `performance.now`
   */
  contradiction(told: number, sent: number, received: number): string | undefined;
  /** By how much `now` may be off by now, in milliseconds; Infinity before the first measurement. */
  uncertainty(): number;
};

/** By how much two clocks may part, generously: a millisecond a second. */
const DRIFT = 0.001;
/** Beyond this, what is kept until a time or was born at one is judged wrongly. */
const TOLERANCE_MS = 1_000;

/**
 * The time of a server, carried on between measurements by the monotonic clock, which no one can set. While the server is away the
 * last offset stays; before the first measurement it is that of this machine's clock.
 * @param time the server's, in milliseconds since the epoch
 * @param wall this machine's clock
 */
export function startServerClock(time: () => Promise<number>, wall: Clock = Date): ServerClock {
  let offset = wall.now() - performance.now();
  let uncertainty = Infinity;
  let measuredAt = performance.now();
  let disagreement: string | undefined;
  /** What was measured since the clock had been set: believed once all agree, for what is under way is still judged by it. */
  let jumpedTo: number | undefined;
  let restarts = 0;

  function doubtNow(): number {
    return uncertainty + (performance.now() - measuredAt) * DRIFT;
  }

  /** How far the store's clock was set, beyond what the measurements leave in doubt; 0 when it was not. */
  function jumpTo(measured: number, doubt: number, from = offset): number {
    const jump = measured - from;
    // The first measurement is compared with nothing: its predecessor is infinitely uncertain.
    const expected = TOLERANCE_MS + doubt + doubtNow();
    return Math.abs(jump) > expected ? jump : 0;
  }

  function compare(measured: number, doubt: number, jump: number): string | undefined {
    if (jump !== 0) {
      return jumped(jump);
    }
    return apartFrom(measured, doubt);
  }

  function apartFrom(known: number, doubt: number): string | undefined {
    const apart = wall.now() - performance.now() - known;
    return Math.abs(apart) > TOLERANCE_MS + doubt
      ? `this machine's clock is ${inWords(apart)} compared with the store's`
      : undefined;
  }

  return {
    now: () => Math.floor(performance.now() + offset),
    earliest: () => Math.floor(performance.now() + offset - doubtNow()),
    restart() {
      restarts += 1;
      uncertainty = Infinity;
      disagreement = undefined;
      jumpedTo = undefined;
    },
    disagreement: () => disagreement ?? apartFrom(offset, doubtNow()),
    contradiction(told, sent, received) {
      const jump = jumpTo(told - (sent + received) / 2, (received - sent) / 2);
      return jump === 0 ? undefined : jumped(jump);
    },
    uncertainty: doubtNow,
    async measure() {
      const server = restarts;
      const sent = performance.now();
      const told = await time();
      const received = performance.now();
      if (server !== restarts) return;
      if (!Number.isFinite(told)) {
        throw new TypeError("the server did not tell a time");
      }
      const measured = told - (sent + received) / 2;
      const doubt = (received - sent) / 2;
      const jump = jumpTo(measured, doubt, jumpedTo);
      disagreement = compare(measured, doubt, jump);
      if (jump !== 0 || (jumpedTo !== undefined && disagreement !== undefined)) {
        jumpedTo = measured;
        return;
      }
      // An answer that was long on its way says little: it is heard only once the last measurement has become as doubtful, or wrong.
      if (jumpedTo === undefined && doubt > doubtNow()) {
        return;
      }
      jumpedTo = undefined;
      offset = measured;
      uncertainty = doubt;
      measuredAt = received;
    },
  };
}

function jumped(jump: number): string {
  return `the store's clock was set ${inWords(jump)}, or this machine slept`;
}

function inWords(difference: number): string {
  return `${(Math.abs(difference) / 1_000).toFixed(1)} s ${difference > 0 ? "ahead" : "back"}`;
}
