/** Every check that runs no test: `npm run check:static`. One line a step; the output of those that fail; then a count. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";

type Step = {
  name: string;
  /** Of package.json. */
  script: string;
  /** What the output must show besides exit code 0: a tool that read nothing has proved nothing. */
  proof?: RegExp;
};

type Outcome = { step: Step; passed: boolean; output: string };

/** The longest first, so that the short ones fill the gaps. */
const STEPS: readonly Step[] = [
  { name: "types", script: "types" },
  { name: "lint", script: "lint", proof: /on [1-9]\d* files/ },
  { name: "unused code and packages", script: "unused" },
  { name: "dependency rules", script: "deps", proof: /\([1-9]\d* modules/ },
  { name: "generated code is current", script: "generate:check" },
  { name: "dashboards are current", script: "dashboards:check", proof: /compared [1-9]\d* dashboards/ },
  { name: "contract lint, and nothing broken", script: "buf" },
  { name: "format", script: "format:check", proof: /on [1-9]\d* files/ },
];

const outcomes = await runAll();
for (const { step, output } of outcomes.filter(({ passed }) => !passed)) {
  console.log(`\n--- ${step.name} (npm run ${step.script})\n${output.trim()}`);
}
const failed = outcomes.filter(({ passed }) => !passed).length;
console.log(`\nstatic checks: ${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runAll(): Promise<Outcome[]> {
  const waiting = [...STEPS];
  const done: Outcome[] = [];
  const lane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) done.push(await check(step));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return done;
}

async function check(step: Step): Promise<Outcome> {
  const started = performance.now();
  const { code, output } = await run(step.script);
  const passed = code === 0 && (step.proof?.test(output) ?? true);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"} ${seconds.padStart(5)} s  ${step.name}`);
  const doubt = code === 0 && !passed ? "\nIt passed without saying that it read a file: has it checked nothing?" : "";
  return { step, passed, output: output + doubt };
}

function run(script: string): Promise<{ code: number | null; output: string }> {
  const { promise, resolve: settle } = Promise.withResolvers<{ code: number | null; output: string }>();
  const child = spawn(process.execPath, ["--run", script], {
    cwd: resolve(import.meta.dirname, ".."),
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  const collect = (text: string) => (output += text);
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  child.once("error", (error) => settle({ code: null, output: `${output}\n${error.message}` }));
  child.once("close", (code) => settle({ code, output }));
  return promise;
}
