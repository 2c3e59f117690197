import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { spawnAssay } from "../cli/run-assay.ts";
import type { AtEnd } from "../support/temporary-directory.ts";
import { eventually } from "../support/eventually.ts";
import { recordFilesIn } from "../support/leaks/record-files.ts";

export type ServedByCli = {
  /** As the banner or the log line says it. */
  address: string;
  pid: number | undefined;
  directory: string;
  printed: { stdout: string; stderr: string };
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  ended: Promise<number | null>;
};

/** `assay serve` as a process of its own on a free port, in a directory of its own; gone when the test has finished, or at another end. */
export async function serveByCli(
  options: { yaml?: string; env?: NodeJS.ProcessEnv; withinMs?: number } = {},
  atEnd: AtEnd = onTestFinished,
): Promise<ServedByCli> {
  const directory = await mkdtemp(join(tmpdir(), "assay-cli-"));
  atEnd(async () => {
    recordFilesIn(directory);
    await rm(directory, { recursive: true, force: true });
  });
  if (options.yaml !== undefined) await writeFile(join(directory, "assay.yaml"), options.yaml);
  const env = { ASSAY_LISTEN_ADDRESS: "127.0.0.1:0", ...options.env };
  const child = spawnAssay(["serve"], { cwd: directory, env }, atEnd);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.stderr += text));
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  const find = (): string | undefined => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed.stderr}`);
    return /Assay is listening on (\S+)/.exec(printed.stderr)?.[1] ?? listeningLine(printed.stdout);
  };
  const address = await eventually(`assay serve listens`, find, options.withinMs);
  return { address, pid: child.pid, directory, printed, signal: (name) => void child.kill(name), ended };
}

function listeningLine(log: string): string | undefined {
  return /"msg":"listening","address":"([^"]+)"/.exec(log)?.[1];
}
