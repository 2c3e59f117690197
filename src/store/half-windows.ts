/** Half a window, by its number since the epoch: what falls into it is kept together, and goes together. */
export type HalfWindows = {
  current: number;
  previous: number;
  /** When nobody counts any more what falls into the current one, in milliseconds since the epoch. */
  endsAt: number;
};

/**
 * A window that moves on by halves: the current half and the one before hold at least the latest half of the window, and nothing
 * from before it. Windows of another length have other numbers, but for lengths that hardly differ.
 */
export function halfWindows(now: number, windowMs: number): HalfWindows {
  const half = windowMs / 2;
  const current = Math.floor(now / half);
  return { current, previous: current - 1, endsAt: Math.ceil((current + 2) * half) };
}
