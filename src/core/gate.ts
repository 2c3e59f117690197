import { type Call, callGone, stopIfGone } from "./call.ts";
import { AssayError } from "./error.ts";

/**
 * Runs work when it is its turn. Work whose call goes before that is never run, and its place in the queue is free at once.
 * @throws AssayError `rate_limited` when too much waits already or it has waited for too long, `call_gone`
 */
export type Gate = <T>(call: Call | undefined, work: () => Promise<T> | T) => Promise<T>;

type Waiting = { since: number; begin: () => void; refuse: () => void };

/** Where somebody has been waiting for so long without a break, more comes than can be done: then nobody waits for longer than this. */
const OVERLOADED_AFTER_MS = 1_000;
const PATIENCE_MS = 250;
const RETRY_MS = 1_000;

/**
 * So that the costly work of many requests cannot starve everything else: a few at once, a bounded number waits in order, and not
 * for long (as CoDel does, RFC 8289): under overload what is answered is answered soon, and the rest is refused.
 * @param now milliseconds, on a clock that only goes forwards
 */
export function gate({ atOnce, waiting }: { atOnce: number; waiting: number }, now = () => performance.now()): Gate {
  const queue = new Set<Waiting>();
  let running = 0;
  /** When somebody last began to wait where nobody did. */
  let busySince = now();

  function end(): void {
    if (queue.size > 0) refuseLate();
    const [next] = queue;
    // Whoever ends hands its place over, so that nobody slips in between.
    if (next === undefined) running -= 1;
    else next.begin();
  }

  function turn(call: Call | undefined): Promise<void> {
    if (queue.size === 0) busySince = now();
    else refuseLate();
    if (queue.size >= waiting) throw tooMuch();
    return enter(queue, call, now());
  }

  /** Those who came first are first in it. */
  function refuseLate(): void {
    const time = now();
    if (time - busySince <= OVERLOADED_AFTER_MS) return;
    for (const { since, refuse } of queue) {
      if (time - since <= PATIENCE_MS) return;
      refuse();
    }
  }

  return async (call, work) => {
    stopIfGone(call);
    if (running >= atOnce) await turn(call);
    else running += 1;
    try {
      return await work();
    } finally {
      end();
    }
  };
}

function enter(queue: Set<Waiting>, call: Call | undefined, since: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (how: () => void) => (): void => {
      queue.delete(entry);
      takeBack?.();
      how();
    };
    const entry: Waiting = { since, begin: leave(resolve), refuse: leave(() => reject(tooMuch())) };
    const takeBack = call?.onGone(() => {
      queue.delete(entry);
      reject(callGone());
    });
    queue.add(entry);
  });
}

function tooMuch(): AssayError {
  return new AssayError("rate_limited", "too many tokens are being verified at once: try again in a second", {
    retryAfterMs: RETRY_MS,
  });
}
