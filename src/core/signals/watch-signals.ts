import { callGone } from "../call.ts";
import { type Caller, requirePermission } from "../caller.ts";
import type { Environment } from "../environment.ts";
import { AssayError } from "../error.ts";
import { rankOf, type Severity, type Signal } from "./signal.ts";

export type SignalWatchRequest = {
  /** How many of the latest to begin with. */
  latest: number;
  atLeast: Severity;
};

/** Resolves when there is room for the next. */
type Tell = (signals: readonly Signal[]) => Promise<void>;

/** With those that it begins with. */
const MOST_WAITING = 2_000;
const GREATEST_STEP = 100;
/** How long nothing is told before it is said that there is nothing to tell. */
const SILENCE_MS = 1_000;

/**
 * Tells the latest signals, then each as it comes; nothing at the beginning, and about each second while nothing comes.
 * @throws AssayError `permission_missing`, `watcher_too_slow`, `call_gone`: it never ends by itself
 */
export async function watchSignals(
  { signalFeed, call }: Pick<Environment, "signalFeed" | "call">,
  caller: Caller,
  { latest, atLeast }: SignalWatchRequest,
  tell: Tell,
): Promise<never> {
  requirePermission(caller, "watch");
  const matters = ({ severity }: Signal): boolean => rankOf(severity) >= rankOf(atLeast);
  const waiting = latest === 0 ? [] : signalFeed.recent().filter(matters).slice(-latest);
  const ending = endable();
  let wake: (() => void) | undefined;
  const unfollow = signalFeed.follow((signal) => {
    if (!matters(signal)) return;
    waiting.push(signal);
    wake?.();
    if (waiting.length <= MOST_WAITING) return;
    unfollow();
    ending.end(tooSlow());
  });
  const takeBack = call?.onGone(() => ending.end(callGone()));
  if (call?.isGone() === true) ending.end(callGone());

  const somethingOrSilence = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    const silence = setTimeout(resolve, SILENCE_MS).unref();
    await promise;
    clearTimeout(silence);
  };
  try {
    await ending.during(tell([]));
    for (;;) {
      if (waiting.length === 0) await ending.during(somethingOrSilence());
      await ending.during(tell(waiting.splice(0, GREATEST_STEP)));
    }
  } finally {
    wake?.();
    unfollow();
    takeBack?.();
  }
}

/** What goes on for long, step by step: who waits for a step hears of the end at once. */
function endable() {
  let failure: AssayError | undefined;
  let leave: ((failure: AssayError) => void) | undefined;
  return {
    end(why: AssayError): void {
      failure ??= why;
      leave?.(failure);
    },
    during: (step: Promise<void>): Promise<void> =>
      new Promise((resolve, reject) => {
        leave = reject;
        step.then(resolve, reject);
        if (failure !== undefined) reject(failure);
      }),
  };
}

function tooSlow(): AssayError {
  return new AssayError(
    "watcher_too_slow",
    "the watcher reads more slowly than signals come: begin again, with as many of the latest as may have been missed",
  );
}
