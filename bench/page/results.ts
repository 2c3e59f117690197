import { readFileSync } from "node:fs";
import { z } from "zod";

const measure = z.object({
  suite: z.string(),
  measure: z.string(),
  unit: z.string(),
  reference: z.number(),
  product: z.number(),
  ratio: z.number(),
  runs: z.number(),
  difference: z.number().optional(),
});
const machine = z.object({
  system: z.string(),
  processor: z.string(),
  processors: z.number(),
  memory: z.string(),
  node: z.string(),
  day: z.string(),
});
const line = z.union([z.object({ machine }), measure]);

/** A measure, as a run of the bench wrote it. */
export type Result = z.infer<typeof measure>;
export type Results = { measures: ReadonlyMap<string, Result>; machine: z.infer<typeof machine> | undefined };

/** What `npm run bench -- … --out FILE` wrote, or `--json` printed. Of what was measured more than once the last counts. */
export function readResults(path: string): Results {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((text) => text.startsWith("{"));
  const read = lines.map((text) => line.parse(JSON.parse(text)));
  const measures = read.filter((one) => "measure" in one);
  return {
    measures: new Map(measures.map((one) => [one.measure, one])),
    machine: read.findLast((one) => "machine" in one)?.machine,
  };
}
