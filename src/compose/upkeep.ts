import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock, Store } from "../core/ports.ts";
import type { RevocationView } from "../core/revocations/revocations.ts";
import { every, type Repeated } from "./every.ts";

type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>>;

/** What says in a sentence what is wrong with it, or undefined. */
export type Problematic = { problem(): Promise<string | undefined> | string | undefined };

const PURGE_INTERVAL_MS = 60_000;
const SWEEP_INTERVAL_MS = 200;
const READINESS_INTERVAL_MS = 1_000;

/** Removes what has expired, once a minute, and lets requests through between two batches. */
export function keepPurged(store: Store, log: Log): Repeated {
  return every(PURGE_INTERVAL_MS, async (stopped) => {
    try {
      while (!stopped.aborted && (await store.purge()) > 0) await nextTurn();
    } catch (error) {
      // While the store has a problem, `keepReady` has said so already.
      const level = (await problemOf([store])) === undefined ? "warn" : "debug";
      log[level]({ err: error }, "expired records could not be removed from the store");
    }
  });
}

/** Drops what has expired from the view, a part at a time. */
export function keepSwept(revocations: Pick<RevocationView, "sweep">, clock: Clock): Repeated {
  return every(SWEEP_INTERVAL_MS, async () => revocations.sweep(clock.now()));
}

/** Asks each second whether all is well, and passes on what changes. `problem` is the last answer. */
export function keepReady(
  parts: readonly Problematic[],
  log: Log,
  setServing: (isServing: boolean) => void,
): Repeated & { problem(): string | undefined } {
  let last: string | undefined = "not asked yet";
  const repeated = every(READINESS_INTERVAL_MS, async (stopped) => {
    const problem = await problemOf(parts);
    if (stopped.aborted || problem === last) return;
    if (problem === undefined) log.info({}, "ready");
    else log.error({ problem }, "not ready");
    last = problem;
    setServing(problem === undefined);
  });
  return { ...repeated, problem: () => last };
}

/** The first sentence that one of them has to say. */
async function problemOf(parts: readonly Problematic[]): Promise<string | undefined> {
  try {
    for (const part of parts) {
      const problem = await part.problem();
      if (problem !== undefined) return problem;
    }
    return undefined;
  } catch {
    return "the store could not be asked whether it is well";
  }
}
