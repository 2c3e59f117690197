import type { Result } from "../page/results.ts";
import { line, type Place, polyline, svg, text } from "./svg.ts";

const [WIDTH, HEIGHT] = [860, 320];
const FRAME = { left: 80, right: 800, top: 60, bottom: 260 };
const FEW = 1_000;
const MANY = 1_000_000;
const NAME = /^growth(?:_(\d+))?$/;
const BOUND = 1.1;

/** CPU a call by how many live tokens and revocations there are, as a multiple of what it is at a thousand. */
export function growthCurve(title: string, measures: ReadonlyMap<string, Result>): string | undefined {
  const points = [...measures.values()].flatMap(({ measure, ratio }) => {
    const found = NAME.exec(measure);
    return found === null ? [] : [{ count: Number(found[1] ?? MANY), ratio }];
  });
  if (points.length === 0) return undefined;
  const sorted = [{ count: FEW, ratio: 1 }, ...points].toSorted((a, b) => a.count - b.count);
  const greatest = Math.max(BOUND, ...sorted.map(({ ratio }) => ratio)) * 1.1;
  const at = (count: number, ratio: number): Place => ({
    x: FRAME.left + (Math.log(count / FEW) / Math.log(MANY / FEW)) * (FRAME.right - FRAME.left),
    y: FRAME.bottom - (ratio / greatest) * (FRAME.bottom - FRAME.top),
  });
  const labels = sorted.flatMap(({ count, ratio }) => {
    const { x, y } = at(count, ratio);
    return [
      text({ x, y: FRAME.bottom + 20 }, count.toLocaleString("en"), "faint", "middle"),
      text({ x, y: y + 22 }, ratio.toFixed(2), "ink", "middle"),
    ];
  });
  const frame = [
    line({ x: FRAME.left, y: FRAME.bottom }, { x: FRAME.right, y: FRAME.bottom }, "grid"),
    line(at(FEW, BOUND), at(MANY, BOUND), "bound"),
    text({ x: FRAME.right, y: at(MANY, BOUND).y - 8 }, `promised: ${BOUND} at most`, "faint", "end"),
    text({ x: FRAME.left, y: HEIGHT - 14 }, "live tokens, and as many live revocations", "faint"),
  ];
  const curve = polyline(
    sorted.map(({ count, ratio }) => at(count, ratio)),
    "own",
    "own-dot",
  );
  return svg({ width: WIDTH, height: HEIGHT, title }, [...frame, curve, ...labels].join("\n"));
}
