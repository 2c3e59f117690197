import { AssayError } from "./error.ts";

/** Runs work when it is its turn. @throws AssayError `rate_limited` when too much waits already */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** So that the costly work of many requests cannot starve everything else: a few at once, a bounded number waits in order. */
export function gate({ atOnce, waiting }: { atOnce: number; waiting: number }): Gate {
  const queue: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw tooMuch();
      const turn = Promise.withResolvers<void>();
      queue.push(turn.resolve);
      // Whoever ends hands its place over, so that nobody slips in between.
      await turn.promise;
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function tooMuch(): AssayError {
  return new AssayError("rate_limited", "too many tokens are being verified at once: try again in a second");
}
