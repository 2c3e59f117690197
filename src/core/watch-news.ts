import { callGone, type Call } from "./call.ts";
import type { Revocations } from "./revocations/revocations.ts";

/** What happens to the view while it is watched: nothing is queued, only that something happened is known. */
export type WatchNews = {
  /** Resolves at the next thing that happens. @throws AssayError `call_gone` */
  next(): Promise<void>;
  /** Resolves as the work does, and rejects with what `check` throws: it is called whenever something happens. @throws AssayError `call_gone` */
  during(work: Promise<void>, check: () => void): Promise<void>;
  /** How often the view has been doubted meanwhile. */
  doubts(): number;
  close(): void;
};

export function openWatchNews(revocations: Pick<Revocations, "listen">, call: Call | undefined): WatchNews {
  const waiting = new Set<() => void>();
  let doubts = 0;
  const tell = (): void => {
    for (const hear of waiting) hear();
  };
  const takeBack = call?.onGone(tell);
  const unlisten = revocations.listen({
    logged: tell,
    proved: tell,
    doubted: () => {
      doubts += 1;
      tell();
    },
  });

  function during(work: Promise<void>, check: () => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const hear = (): void => {
        try {
          if (call?.isGone() === true) throw callGone();
          check();
        } catch (error) {
          reject(error);
        }
      };
      waiting.add(hear);
      work.finally(() => waiting.delete(hear)).then(resolve, reject);
      if (call?.isGone() === true) reject(callGone());
    });
  }
  return {
    next: () => {
      const happened = Promise.withResolvers<void>();
      return during(happened.promise, happened.resolve);
    },
    during,
    doubts: () => doubts,
    close: () => {
      takeBack?.();
      unlisten();
    },
  };
}
