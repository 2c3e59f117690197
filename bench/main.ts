/** npm run bench -- SUITE [--json] [--short]: compares Assay with a bare grpc-js echo in the same run. */
import { parseArgs } from "node:util";
import { report, reportHeading } from "./report.ts";
import { runMainSuite } from "./suites/main.ts";
import { runRevocationSuite } from "./suites/revocation.ts";
import { runTimingSuite } from "./suites/timing.ts";

const SUITES = new Map([
  ["main", runMainSuite],
  ["revocation", runRevocationSuite],
  ["timing", runTimingSuite],
]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, short: { type: "boolean", default: false } },
});
const [suite = "main"] = positionals;
const run = SUITES.get(suite);
if (run === undefined) {
  console.error(`there is no suite '${suite}': choose one of ${[...SUITES.keys()].join(", ")}`);
  process.exit(2);
}

reportHeading(suite, values.json);
// The short form shows that the harness runs; its figures mean nothing.
const effort = values.short ? { runs: 1, milliseconds: 200 } : { runs: 7, milliseconds: 1_500 };
await run(effort, (measure) => report(measure, values.json));
