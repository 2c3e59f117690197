import type { Result } from "../page/results.ts";
import { line, type Place, polyline, svg, text } from "./svg.ts";

const [WIDTH, HEIGHT] = [860, 360];
const FRAME = { left: 70, right: 830, top: 60, bottom: 300 };
const NAME = /^unary_seen_latency_p([\d.]+)$/;

type Point = { percentile: number; reference: number; product: number };

/**
 * Latency by percentile, as HdrHistogram draws it: each step to the right is a tenth of the answers that are left. Undefined where no
 * latency was measured.
 */
export function latencyCurve(title: string, measures: ReadonlyMap<string, Result>): string | undefined {
  const points = [...measures.values()].flatMap(({ measure, reference, product }): Point[] => {
    const percentile = NAME.exec(measure)?.[1];
    return percentile === undefined ? [] : [{ percentile: Number(percentile), reference, product }];
  });
  if (points.length < 2) return undefined;
  const sorted = points.toSorted((a, b) => a.percentile - b.percentile);
  const greatest = Math.max(...sorted.flatMap(({ reference, product }) => [reference, product])) * 1.1;
  const steps = Math.max(...sorted.map(({ percentile }) => stepsOf(percentile)));
  const at = (percentile: number, milliseconds: number): Place => ({
    x: FRAME.left + (stepsOf(percentile) / steps) * (FRAME.right - FRAME.left),
    y: FRAME.bottom - (milliseconds / greatest) * (FRAME.bottom - FRAME.top),
  });
  const curves = [
    polyline(
      sorted.map(({ percentile, reference }) => at(percentile, reference)),
      "other",
      "other-dot",
    ),
    polyline(
      sorted.map(({ percentile, product }) => at(percentile, product)),
      "own",
      "own-dot",
    ),
  ];
  return svg({ width: WIDTH, height: HEIGHT, title }, [...axes(sorted, greatest, at), ...curves, legend()].join("\n"));
}

/** 0 for the least, 1 for p90, 2 for p99, 3 for p99.9. */
function stepsOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function axes(points: readonly Point[], greatest: number, at: (percentile: number, ms: number) => Place): string[] {
  const heights = [0, 0.25, 0.5, 0.75, 1].map((part) => part * greatest);
  return [
    ...heights.flatMap((ms) => {
      const { y } = at(0, ms);
      return [
        line({ x: FRAME.left, y }, { x: FRAME.right, y }, "grid"),
        text({ x: FRAME.left - 8, y: y + 4 }, `${ms.toFixed(1)} ms`, "faint", "end"),
      ];
    }),
    ...points.map(({ percentile }) =>
      text({ x: at(percentile, 0).x, y: FRAME.bottom + 20 }, `p${percentile}`, "faint", "middle"),
    ),
  ];
}

function legend(): string {
  const y = HEIGHT - 16;
  return [
    line({ x: FRAME.left, y: y - 4 }, { x: FRAME.left + 24, y: y - 4 }, "own"),
    text({ x: FRAME.left + 30, y }, "Assay", "ink"),
    line({ x: FRAME.left + 100, y: y - 4 }, { x: FRAME.left + 124, y: y - 4 }, "other"),
    text({ x: FRAME.left + 130, y }, "bare grpc-js echo, at the same rate", "ink"),
  ].join("\n");
}
