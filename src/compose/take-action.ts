import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { AssayError, type ErrorCode } from "../core/error.ts";
import type { Act, TakeAction } from "../core/signals/actions.ts";

/** What detectors call for, done beside the calls. */
export type Actions = {
  /** @param revoke by the configuration that calls are judged by */
  takenBy: (revoke: (act: Act) => Promise<void>) => TakeAction;
  /** Waits for those that are under way, for so long at most. To be called when there are no calls any more. Never rejects. */
  drain: (withinMs: number, hurry: AbortSignal) => Promise<void>;
};

const TRIES = 6;
const FIRST_WAIT_MS = 500;
/** At once. Beyond, what is to be revoked is said in the log alone. */
const MOST = 256;

/** Tries again where that may help. What could not be done is said in the log. */
export function openActions(log: Pick<Logger, "error">): Actions {
  const underWay = new Set<Promise<void>>();
  return {
    takenBy: (revoke) => (act) => {
      const { cause, action, caller } = act;
      const about = { cause, action, caller: caller.name };
      if (underWay.size === MOST) return log.error(about, "too many actions at once: a token that is misused lives on");
      const taking = take(revoke, act)
        .catch((error: unknown) =>
          log.error({ ...about, err: error }, "an action failed: a token that is misused lives on"),
        )
        .finally(() => underWay.delete(taking));
      underWay.add(taking);
    },
    async drain(withinMs, hurry) {
      const done = new AbortController();
      const signal = AbortSignal.any([hurry, done.signal]);
      await Promise.race([
        Promise.all(underWay),
        delay(Math.max(0, withinMs), undefined, { signal }).catch(() => undefined),
      ]);
      done.abort();
    },
  };
}

async function take(revoke: (act: Act) => Promise<void>, act: Act): Promise<void> {
  // The time of the call's answer does not tell what follows from it.
  await nextTurn();
  for (let tries = 1; ; tries += 1) {
    try {
      return await revoke(act);
    } catch (error) {
      if (tries === TRIES || !isPassing(error)) throw error;
      await delay(FIRST_WAIT_MS * 2 ** (tries - 1), undefined, { ref: false });
    }
  }
}

/** An authority whose audit trail stands still does nothing meanwhile. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["store_unavailable", "audit_unavailable"]);

function isPassing(error: unknown): boolean {
  return error instanceof AssayError && PASSING.has(error.code);
}
