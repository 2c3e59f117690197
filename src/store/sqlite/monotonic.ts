/** Milliseconds of a clock that nobody sets, the same in all threads of a process; `performance.now` is not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
