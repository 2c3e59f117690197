/** The calls whose answer is still being worked out. */
export type CallsInFlight = {
  /** Resolves as the work does, unless all calls are abandoned before. */
  follow<T>(work: Promise<T>): Promise<T>;
  /** Rejects every call in flight. What they have begun goes on, unheard. */
  abandon(reason: Error): void;
};

export function callsInFlight(): CallsInFlight {
  const rejecters = new Set<(reason: Error) => void>();
  return {
    follow(work) {
      return new Promise((resolve, reject) => {
        rejecters.add(reject);
        work.then(resolve, reject).finally(() => rejecters.delete(reject));
      });
    },
    abandon(reason) {
      for (const reject of rejecters) reject(reason);
    },
  };
}
