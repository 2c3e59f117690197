/** How values become places: round steps from nothing, or powers of ten. */

/**
 * @typedef {{ ticks: number[]; place: (value: number) => number }} Scale
 *   `place` is from 0, the bottom, to 1, the top.
 */

/** @param {number} greatest @returns {Scale} */
export function linearScale(greatest) {
  const most = greatest > 0 ? greatest : 1;
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.ceil(most / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
  const top = count * step;
  return { ticks, place: (value) => value / top };
}

/** For what spreads over magnitudes. @param {number} least @param {number} greatest @returns {Scale} */
export function powerScale(least, greatest) {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(greatest)));
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => Number((10 ** (from + index)).toPrecision(1)));
  return { ticks, place: (value) => Math.min(1, Math.max(0, (Math.log10(value) - from) / (to - from))) };
}

/** @param {number} value */
export function shortNumber(value) {
  return value.toLocaleString("en", {
    maximumSignificantDigits: value < 10 ? 2 : 3,
    notation: value >= 10_000 ? "compact" : "standard",
  });
}
