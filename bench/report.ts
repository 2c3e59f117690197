import type { Measure } from "./pairs.ts";

/** Prints a measure as soon as it is known: one JSON line, or one row of a table. */
export function report(measure: Measure, isJson: boolean): void {
  if (isJson) {
    console.log(JSON.stringify(measure));
    return;
  }
  const { reference, product, ratio, unit, runs, difference, interval = [] } = measure;
  const figures = [reference, product].map((figure) => figure.toFixed(1).padStart(10)).join(" ");
  console.log(
    `${measure.measure.padEnd(40)} ${unit.padEnd(8)} ${figures} ${ratio.toFixed(2).padStart(8)} ${String(runs).padStart(5)}${difference === undefined ? "" : `   ${difference.toFixed(2)} [${interval.map((end) => end.toFixed(2)).join(", ")}]`}`,
  );
}

export function reportHeading(suite: string, isJson: boolean): void {
  if (isJson) return;
  console.log(`suite ${suite}: medians over interleaved pairs, ratio = product / reference\n`);
  console.log(
    `${"measure".padEnd(40)} ${"unit".padEnd(8)} ${"reference".padStart(10)} ${"product".padStart(10)} ${"ratio".padStart(8)} ${"runs".padStart(5)}`,
  );
}
