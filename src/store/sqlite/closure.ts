import type { ClockGuard } from "./clock-guard.ts";
import type { OpenedFile } from "./opened-file.ts";
import { storeUnavailable } from "./sqlite-error.ts";
import type { SqliteStoreEvent } from "./store-event.ts";

/** Why nothing may be answered from the store, nor acknowledged. */
export type Closure = {
  /** The sentence for the operator while it is closed. */
  sentence(): string | undefined;
  /** @throws AssayError `store_unavailable` while it is closed */
  refuse(): void;
  /** Closes it for good. The first sentence stays. */
  shut(sentence: string): void;
};

/** Says each change to the operator, once. */
export function closureOf(file: OpenedFile, clock: ClockGuard, log: (event: SqliteStoreEvent) => void): Closure {
  let shut: string | undefined;
  let said: string | undefined;

  function present(): string | undefined {
    try {
      shut ??= file.loss();
    } catch (error) {
      return unseen(error);
    }
    return shut ?? clock.problem();
  }

  function sentence(): string | undefined {
    const problem = present();
    if ((problem === undefined) !== (said === undefined)) {
      log(
        problem === undefined
          ? { level: "info", event: "store_opened", message: "The store is open again." }
          : { level: "error", event: "store_closed", message: problem },
      );
      said = problem;
    }
    return problem;
  }

  return {
    sentence,
    refuse() {
      const problem = sentence();
      if (problem !== undefined) throw storeUnavailable(new Error(problem));
    },
    shut(problem) {
      shut ??= problem;
      sentence();
    },
  };
}

/** Its folder was shut to us, say: the file may well be there, so this is not for good. */
function unseen(error: unknown): string {
  const because = error instanceof Error ? error.message : String(error);
  return `The store file cannot be looked for (${because}). Let this user read its folder.`;
}
