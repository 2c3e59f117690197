import { type Call, callGone, stopIfGone } from "./call.ts";
import { AssayError } from "./error.ts";

/**
 * Runs work when it is its turn. Work whose call goes before that is never run, and its place in the queue is free at once.
 * @throws AssayError `rate_limited` when too much waits already, `call_gone`
 */
export type Gate = <T>(call: Call | undefined, work: () => Promise<T>) => Promise<T>;

/** So that the costly work of many requests cannot starve everything else: a few at once, a bounded number waits in order. */
export function gate({ atOnce, waiting }: { atOnce: number; waiting: number }): Gate {
  const queue = new Set<() => void>();
  let running = 0;

  return async (call, work) => {
    stopIfGone(call);
    if (running >= atOnce) {
      if (queue.size >= waiting) throw tooMuch();
      // Whoever ends hands its place over, so that nobody slips in between.
      await turn(queue, call);
    } else running += 1;
    try {
      return await work();
    } finally {
      const [next] = queue;
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function turn(queue: Set<() => void>, call: Call | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const begin = (): void => {
      queue.delete(begin);
      takeBack?.();
      resolve();
    };
    const takeBack = call?.onGone(() => {
      queue.delete(begin);
      reject(callGone());
    });
    queue.add(begin);
  });
}

function tooMuch(): AssayError {
  return new AssayError("rate_limited", "too many tokens are being verified at once: try again in a second");
}
