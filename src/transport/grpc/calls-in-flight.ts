import type { AtOnce } from "../../core/at-once.ts";
import { AssayError } from "../../core/error.ts";

/** The calls whose answer is still being worked out. */
export type CallsInFlight = {
  /**
   * Begins the work unless `limit` calls are in flight already. Ends as the work does, unless all calls are abandoned before.
   * @throws AssayError `rate_limited`
   */
  follow<T>(limit: number, begin: () => AtOnce<T>): AtOnce<T>;
  /** The same in two steps, for one of many. @throws AssayError `rate_limited` */
  requireRoom(limit: number): void;
  /** Ends as the work does, unless all calls are abandoned before. */
  hold: <T>(work: Promise<T>) => Promise<T>;
  /** Rejects every call in flight. What they have begun goes on, unheard. */
  abandon(reason: Error): void;
};

const RETRY_MS = 100;

export function callsInFlight(): CallsInFlight {
  const rejecters = new Set<(reason: Error) => void>();

  const requireRoom = (limit: number): void => {
    if (rejecters.size >= limit) throw tooMany();
  };
  const hold = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      rejecters.add(reject);
      const settle =
        <Outcome>(how: (outcome: Outcome) => void) =>
        (outcome: Outcome): void => {
          rejecters.delete(reject);
          how(outcome);
        };
      work.then(settle(resolve), settle(reject));
    });

  return {
    requireRoom,
    hold,
    follow(limit, begin) {
      requireRoom(limit);
      const result = begin();
      return result instanceof Promise ? hold(result) : result;
    },
    abandon(reason) {
      for (const reject of rejecters) reject(reason);
    },
  };
}

function tooMany(): AssayError {
  return new AssayError(
    "rate_limited",
    "the instance works on as many calls as limits.calls_in_flight allows: retry, or at another instance",
    { retryAfterMs: RETRY_MS },
  );
}
