/** How often a property is tried: 5,000 times, or as `ASSAY_FUZZ_RUNS` says. `share` is the part of it for a slow one. */
export function fuzzRuns(share = 1): number {
  const asked = Number(process.env["ASSAY_FUZZ_RUNS"] ?? 5_000);
  if (!Number.isSafeInteger(asked) || asked < 1) throw new Error("ASSAY_FUZZ_RUNS must be a whole number above 0");
  return Math.max(1, Math.round(asked * share));
}
