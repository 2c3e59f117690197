const UNITS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
export const DURATION_PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;
const GREATEST = 3_650 * 86_400_000;

export const DURATION_HINT = "write a whole number with a unit, at most ten years: 250ms, 10s, 15m, 1h, 7d";

/** @returns milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = DURATION_PATTERN.exec(text) ?? [];
  const factor = UNITS.get(unit ?? "");
  if (count === undefined || factor === undefined) return undefined;
  const value = Number(count) * factor;
  return value <= GREATEST ? value : undefined;
}
