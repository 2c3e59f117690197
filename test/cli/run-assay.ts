import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { recordEmitted, recordTokensIn } from "../support/leaks/record.ts";
import type { AtEnd } from "../support/temporary-directory.ts";

const BIN = join(import.meta.dirname, "../../bin/assay.js");

export type Ran = { code: number | null; stdout: string; stderr: string };

type RunOptions = { env?: NodeJS.ProcessEnv; cwd?: string; input?: string; node?: string; nodeArguments?: string[] };

/** Runs the command line as a process of its own, as a user would, to its end. */
export async function assay(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawnAssay(words, options);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  await once(child, "close");
  recordTokensIn([...words, options.input, output.stdout].join("\n"));
  return { code: child.exitCode, ...output };
}

/** Starts it and leaves it running, at most until the test has finished, or another end. Only what is named of the environment is seen. */
export function spawnAssay(
  words: readonly string[],
  options: RunOptions = {},
  atEnd: AtEnd = onTestFinished,
): ChildProcessWithoutNullStreams {
  const { env = {}, cwd, node = process.execPath, nodeArguments = [] } = options;
  const child = spawn(node, [...nodeArguments, BIN, ...words], { env: { PATH: process.env["PATH"], ...env }, cwd });
  recordTokensIn(Object.values(env).join("\n"));
  child.stderr.on("data", (bytes: string | Buffer) => recordEmitted("error output", bytes));
  if (words[0] === "serve") child.stdout.on("data", (bytes: string | Buffer) => recordEmitted("server output", bytes));
  atEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  });
  return child;
}
