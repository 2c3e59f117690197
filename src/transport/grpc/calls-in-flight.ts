import { AssayError } from "../../core/error.ts";

/** The calls whose answer is still being worked out. */
export type CallsInFlight = {
  /**
   * Begins the work unless `limit` calls are in flight already. Resolves as the work does, unless all calls are abandoned before.
   * @throws AssayError `rate_limited`
   */
  follow<T>(limit: number, begin: () => Promise<T>): Promise<T>;
  /** Rejects every call in flight. What they have begun goes on, unheard. */
  abandon(reason: Error): void;
};

const RETRY_MS = 100;

export function callsInFlight(): CallsInFlight {
  const rejecters = new Set<(reason: Error) => void>();
  return {
    async follow(limit, begin) {
      if (rejecters.size >= limit) throw tooMany();
      return new Promise((resolve, reject) => {
        rejecters.add(reject);
        begin()
          .then(resolve, reject)
          .finally(() => rejecters.delete(reject));
      });
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
