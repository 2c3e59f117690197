import { isKept, PROMISES, type Promised } from "../promises.ts";
import type { Result, Results } from "./results.ts";

const NOTHING = "No run has been written into this page yet.";

/** What is promised, and what came of it. */
export function promisesTable({ measures }: Results): string {
  const rows = PROMISES.flatMap((promised) => {
    const result = measures.get(promised.measure);
    if (result === undefined) return [];
    return [
      [
        promised.says,
        `\`${promised.measure}\``,
        figure(result.reference, result.unit),
        figure(result.product, result.unit),
        promised.of === "ratio" ? result.ratio.toFixed(2) : `${(result.difference ?? Number.NaN).toFixed(0)} more`,
        boundOf(promised),
        isKept(promised, result) ? "yes" : "**no**",
      ],
    ];
  });
  return table(["what", "measure", "reference", "Assay", "ratio", "promised", "kept"], rows);
}

/** Every other measure. */
export function restTable({ measures }: Results): string {
  const promised = new Set(PROMISES.map(({ measure }) => measure));
  const rows = [...measures.values()]
    .filter(({ measure }) => !promised.has(measure))
    .map(({ suite, measure, reference, product, ratio, unit }) => [
      suite,
      `\`${measure}\``,
      figure(reference, unit),
      figure(product, unit),
      ratio.toFixed(2),
    ]);
  return table(["suite", "measure", "reference", "Assay", "ratio"], rows);
}

export function machineTable({ machine }: Results): string {
  if (machine === undefined) return NOTHING;
  const { system, processor, processors, memory, node, day } = machine;
  const rows = [
    ["processor", `${processor}, ${processors} of them`],
    ["memory", memory],
    ["system", system],
    ["Node.js", node],
    ["measured on", day],
  ];
  return table(["", ""], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return NOTHING;
  return [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function boundOf(promised: Promised): string {
  if ("atLeast" in promised) return `≥ ${promised.atLeast}`;
  return promised.of === "ratio" ? `≤ ${promised.atMost}` : `≤ ${promised.atMost} more`;
}

function figure(value: Result["product"], unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
