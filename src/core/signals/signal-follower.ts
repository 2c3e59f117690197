import type { Signal } from "./signal.ts";

/** Hears of signals that others have found. */
export type SignalFollower = {
  /** Those that were there before it followed, oldest first. */
  past(signals: readonly Signal[]): void;
  next(signals: readonly Signal[]): void;
  /** So many were none, by what is known here: they are left out. */
  unreadable(count: number): void;
};
