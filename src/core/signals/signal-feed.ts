import type { Signal } from "./signal.ts";

const KEPT = 1_000;

/** Signals as they come, for whoever watches: with the latest, so that who comes late sees how it began. */
export type SignalFeed = {
  /** Whom it tells must not throw. */
  tell: (signal: Signal) => void;
  /** The latest, oldest first; at most 1,000. */
  recent(): readonly Signal[];
  /** @returns a function that ends it */
  follow(listener: (signal: Signal) => void): () => void;
};

export function signalFeed(): SignalFeed {
  const kept: Signal[] = [];
  const listeners = new Set<(signal: Signal) => void>();
  return {
    tell(signal) {
      kept.push(signal);
      if (kept.length > KEPT) kept.shift();
      for (const listener of listeners) listener(signal);
    },
    recent: () => [...kept],
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
