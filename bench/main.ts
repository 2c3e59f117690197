/**
 * npm run bench -- [SUITE | all] [--short] [--json] [--out FILE] [--shared-token] [--expiring] [--revoke-during]
 * npm run bench -- profile SUITE [--short]
 * npm run bench -- plots FILE
 *
 * Compares Assay with a reference that does the least there is to do, in the same run; see docs/performance.md. `profile` shows where
 * the product's time goes; `plots` writes what `--out` wrote into that page.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Effort, effortOf, type Suite } from "./effort.ts";
import { thisMachine } from "./machine.ts";
import { writePage } from "./page/write-page.ts";
import { howPinned, pinSelf } from "./pinned.ts";
import { runProfile } from "./profile/run-profile.ts";
import { report, reportHeading } from "./report.ts";
import { runClientSuite } from "./suites/client.ts";
import { runFirstSuite } from "./suites/first.ts";
import { runGrowthSuite } from "./suites/growth.ts";
import { runIntrospectSuite } from "./suites/introspect.ts";
import { runOverloadSuite } from "./suites/overload.ts";
import { runPeersSuite } from "./suites/peers.ts";
import { runProcessSuite } from "./suites/process.ts";
import { runRefreshSuite } from "./suites/refresh.ts";
import { runRevocationSuite } from "./suites/revocation.ts";
import { runTimingSuite } from "./suites/timing.ts";
import { runTlsSuite } from "./suites/tls.ts";

const SUITES: ReadonlyMap<string, Suite> = new Map([
  ["introspect", runIntrospectSuite],
  ["first", runFirstSuite],
  ["refresh", runRefreshSuite],
  ["growth", runGrowthSuite],
  ["overload", runOverloadSuite],
  ["tls", runTlsSuite],
  ["peers", runPeersSuite],
  ["client", runClientSuite],
  ["process", runProcessSuite],
  ["revocation", runRevocationSuite],
  ["timing", runTimingSuite],
]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    out: { type: "string" },
    "shared-token": { type: "boolean", default: false },
    expiring: { type: "boolean", default: false },
    "revoke-during": { type: "boolean", default: false },
  },
});
const effort = effortOf({
  isShort: values.short,
  sharedToken: values["shared-token"],
  expiring: values.expiring,
  revokeDuring: values["revoke-during"],
});

const [asked = "introspect", argument = ""] = positionals;
if (asked === "plots") for (const path of await writePage(argument)) console.log(path);
else if (asked === "profile") await profileSuite(argument);
else await runSuites(asked === "all" ? [...SUITES.keys()] : [asked]);

async function runSuites(names: readonly string[]): Promise<void> {
  const suites = names.map((name) => ({ name, run: suiteOf(name) }));
  begin(effort);
  keep({ machine: thisMachine() });
  for (const { name, run } of suites) {
    reportHeading(name, values.json);
    await run(effort, (measure) => {
      report(measure, values.json);
      keep(measure);
    });
  }
}

async function profileSuite(name: string): Promise<void> {
  const suite = suiteOf(name);
  begin(effort);
  await runProfile(name, suite, effort);
}

function suiteOf(name: string): Suite {
  const run = SUITES.get(name);
  if (run !== undefined) return run;
  console.error(`there is no suite '${name}': choose all, or one of ${[...SUITES.keys()].join(", ")}`);
  process.exit(2);
}

function begin({ runs, milliseconds, isShort }: Effort): void {
  pinSelf();
  // Not among the measures, which another program may read.
  const meaning = isShort ? ": the figures mean nothing" : "";
  console.error(`${howPinned()}; ${runs} pairs of ${milliseconds} ms a side${meaning}`);
}

function keep(line: object): void {
  if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(line)}\n`);
}
