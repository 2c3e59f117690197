import type { Figures } from "./scenario.ts";

/** The median and the greatest, whole: `{ recovery_ms_p50, recovery_ms_max }`. None of nothing. */
export function quantiles(name: string, values: readonly number[]): Figures {
  const sorted = values.toSorted((one, other) => one - other);
  const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (median === undefined || greatest === undefined) return {};
  return { [`${name}_p50`]: Math.round(median), [`${name}_max`]: Math.round(greatest) };
}
