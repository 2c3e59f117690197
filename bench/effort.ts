import type { Around, Measure } from "./pairs.ts";

/** How much is measured, and in which way. */
export type Effort = {
  /** Shows that the harness runs: the figures mean nothing. */
  isShort: boolean;
  runs: number;
  /** Of each side of each run. */
  milliseconds: number;
  /** Live tokens in rotation. */
  tokens: number;
  /** Live revocations in the store. */
  revocations: number;
  /** Also with tokens that expire during the run, and are refreshed while other calls are in flight. */
  expiring: boolean;
  /** Also with one token for all virtual users, which flatters whoever caches. */
  sharedToken: boolean;
  /** Also the time until a revoked token is refused, under load. */
  revokeDuring: boolean;
  /** For `profile`. */
  around?: Around;
};

export type Report = (measure: Measure) => void;

export type Suite = (effort: Effort, report: Report) => Promise<void>;

export type EffortOptions = Pick<Effort, "expiring" | "isShort" | "revokeDuring" | "sharedToken">;

export function effortOf(options: EffortOptions): Effort {
  const amounts = options.isShort
    ? { runs: 1, milliseconds: 200, tokens: 1_000, revocations: 1_000 }
    : { runs: 7, milliseconds: 1_500, tokens: 100_000, revocations: 100_000 };
  return { ...options, ...amounts };
}
