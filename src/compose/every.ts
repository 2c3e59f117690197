/** Work that is done again and again, never twice at once. */
export type Repeated = {
  /** Resolves when it has been done once. */
  first: Promise<void>;
  /** Resolves when it has ended for good. */
  stop(): Promise<void>;
};

/** Does the work now, and again `intervalMs` after each end. The work must not reject, and ends early once it is stopped. */
export function every(intervalMs: number, work: (stopped: AbortSignal) => Promise<void>): Repeated {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function turn(): Promise<void> {
    await work(stopped.signal);
    if (stopped.signal.aborted) return;
    timer = setTimeout(() => {
      running = turn();
    }, intervalMs).unref();
  }

  const first = turn();
  let running = first;
  return {
    first,
    async stop() {
      stopped.abort();
      clearTimeout(timer);
      await running;
    },
  };
}
