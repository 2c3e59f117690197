/** How often the properties are tried together: 100,000 times, or as `ASSAY_FUZZ_RUNS` says. `share` is the part of one. */
export function fuzzRuns(share: number): number {
  const asked = Number(process.env["ASSAY_FUZZ_RUNS"] ?? 100_000);
  if (!Number.isSafeInteger(asked) || asked < 1) throw new Error("ASSAY_FUZZ_RUNS must be a whole number above 0");
  return Math.max(1, Math.round(asked * share));
}

/** Milliseconds that so many runs may take on a slow machine. */
export function fuzzTimeout(share: number): number {
  return 30_000 + fuzzRuns(share) * 10;
}
