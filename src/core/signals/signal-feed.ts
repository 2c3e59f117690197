import type { Signal } from "./signal.ts";

const KEPT = 1_000;

/** Signals as they come, for whoever watches: with the latest, so that who comes late sees how it began. */
export type SignalFeed = {
  /** Whom it tells must not throw. @returns false where it was told before: it may come by several ways */
  tell: (signal: Signal) => boolean;
  /** What was found before there was anybody to follow. @returns those that are new */
  remember(past: readonly Signal[]): readonly Signal[];
  /** The latest, oldest first; at most 1,000. */
  recent(): readonly Signal[];
  /** @returns a function that ends it */
  follow(listener: (signal: Signal) => void): () => void;
};

export function signalFeed(): SignalFeed {
  let kept: Signal[] = [];
  const known = new Set<string>();
  const listeners = new Set<(signal: Signal) => void>();

  function isKnown(signal: Signal): boolean {
    return known.has(signal.id) || known.has(nameOf(signal));
  }

  function keep(signals: readonly Signal[]): void {
    kept.push(...signals);
    for (const signal of signals) known.add(nameOf(signal));
    for (const gone of kept.splice(0, Math.max(0, kept.length - KEPT))) known.delete(nameOf(gone));
  }

  return {
    tell(signal) {
      if (isKnown(signal)) return false;
      keep([signal]);
      for (const listener of listeners) listener(signal);
      return true;
    },
    remember(past) {
      const fresh = past.filter((signal) => !isKnown(signal));
      const all = [...kept, ...fresh].toSorted((one, other) => one.at - other.at);
      kept = [];
      keep(all);
      return fresh;
    },
    recent: () => [...kept],
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A verifier that knows the id of another's signal cannot keep that from being told. */
function nameOf({ id, reportedBy }: Signal): string {
  return reportedBy === undefined ? id : `${id} ${reportedBy}`;
}
