import type { Result } from "../page/results.ts";
import { isKept, type Promised } from "../promises.ts";
import { line, rect, svg, text } from "./svg.ts";

const WIDTH = 860;
const LABELS = 380;
const ROW = 34;
const TOP = 56;
const FIGURES = 70;

/** A bar for each measure, and across it where it is promised to end. Undefined where nothing was measured. */
export function ratioBars(
  title: string,
  promises: readonly Promised[],
  measures: ReadonlyMap<string, Result>,
): string | undefined {
  const rows = promises.flatMap((promised) => {
    const ratio = measures.get(promised.measure)?.ratio;
    return ratio === undefined ? [] : [{ promised, ratio }];
  });
  if (rows.length === 0) return undefined;
  const greatest = Math.max(...rows.flatMap(({ promised, ratio }) => [boundOf(promised), ratio])) * 1.05;
  const across = (ratio: number): number => (ratio / greatest) * (WIDTH - LABELS - FIGURES);
  const height = TOP + rows.length * ROW + 24;
  const drawn = rows.map(({ promised, ratio }, index) => drawRow(promised, ratio, TOP + index * ROW, across));
  const note = text({ x: LABELS, y: height - 10 }, "broken line: the bar that is promised", "faint");
  return svg({ width: WIDTH, height, title }, [...drawn, note].join("\n"));
}

function drawRow(promised: Promised, ratio: number, y: number, across: (ratio: number) => number): string {
  const bound = LABELS + across(boundOf(promised));
  return [
    text({ x: LABELS - 10, y: y + 17 }, promised.says, "ink", "end"),
    rect(
      { x: LABELS, y: y + 2 },
      { width: across(ratio), height: ROW - 12 },
      isKept(promised, { ratio }) ? "bar" : "missed",
    ),
    line({ x: bound, y: y - 2 }, { x: bound, y: y + ROW - 6 }, "bound"),
    text({ x: LABELS + Math.max(across(ratio), across(boundOf(promised))) + 8, y: y + 17 }, ratio.toFixed(2), "ink"),
  ].join("\n");
}

function boundOf(promised: Promised): number {
  return "atLeast" in promised ? promised.atLeast : promised.atMost;
}
