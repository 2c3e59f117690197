import type { Command } from "commander";
import type { Finding } from "../compose/examination/finding.ts";
import { ConfigError } from "../config/config-error.ts";
import { addExamples } from "./examples.ts";
import { EXIT } from "./failure.ts";
import { coloured, printable, printJson, printLine } from "./output.ts";

type DoctorOptions = { config?: string; json?: boolean };

const STYLES = { ok: "green", warning: "yellow", fault: "red" } as const;

export function define(command: Command): void {
  command
    .option("--config <file>", "the configuration; ASSAY_CONFIG or ./assay.yaml otherwise")
    .option("--json", "print JSON");
  addExamples(command, ["assay doctor", "assay doctor --config /etc/assay/assay.yaml --json"]);
  command.action(doctor);
}

/** Exits 1 when anything stands against serving (`fault`); what is only doubtful (`warning`) leaves it 0. */
async function doctor(options: DoctorOptions): Promise<void> {
  const findings = await findingsOf(options);
  const ok = findings.every(({ state }) => state !== "fault");
  if (options.json === true) printJson({ ok, findings });
  else for (const finding of findings) print(finding);
  process.exitCode = ok ? EXIT.ok : EXIT.refused;
}

async function findingsOf({ config: path }: DoctorOptions): Promise<Finding[]> {
  const subject = "configuration";
  const { loadConfig } = await import("../config/load.ts");
  const { unsafeSettings } = await import("../config/unsafe-settings.ts");
  try {
    const { config, source, warnings } = await loadConfig({ path, env: process.env, cwd: process.cwd() });
    const { examine } = await import("../compose/examination/examine.ts");
    const doubts = [...warnings, ...unsafeSettings(config)];
    return [
      { subject, state: "ok", says: `${source ?? "The built-in one for development"} has no mistakes.` },
      ...doubts.map((says): Finding => ({ subject, state: "warning", says })),
      ...(await examine(config)),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ path: at, where, message }) => {
      return { subject, state: "fault", says: `${at}${where === undefined ? "" : ` (${where})`}: ${message}` };
    });
  }
}

function print({ subject, state, says }: Finding): void {
  printLine(`${coloured(STYLES[state], state.padEnd("warning".length))}  ${printable(subject)}: ${printable(says)}`);
}
