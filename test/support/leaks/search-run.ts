/**
 * vitest's globalSetup: gives a run a private directory for what must not leak and for what was emitted, and at its end
 * searches the one for the other. A run in which something leaked fails.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Search, searchRun } from "./find-leaks.ts";

declare module "vitest" {
  interface ProvidedContext {
    leakDirectory: string;
  }
}

const GREATEST_REPORT = 50;

export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), "assay-leaks-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", remove);
  project.provide("leakDirectory", directory);

  return () => {
    // vitest ends the process when a teardown takes too long: that must not look like success.
    const { exitCode } = process;
    process.exitCode = 1;
    try {
      const started = performance.now();
      const search = searchRun(directory);
      console.log(reportOf(search, performance.now() - started));
      if (search.leaks.length === 0) process.exitCode = exitCode;
    } finally {
      remove();
    }
  };
}

function reportOf({ secrets, bytes, leaks }: Search, milliseconds: number): string {
  const [megabytes, seconds] = [(bytes / 1e6).toFixed(1), (milliseconds / 1_000).toFixed(1)];
  const searched = `searched ${secrets} secrets in ${megabytes} MB of logs, spans, metrics and store dumps`;
  if (leaks.length === 0) return `${searched}: none found (${seconds} s)`;
  const lines = leaks.map(({ secret, where, at }) => `  ${secret}: in the ${where}, at byte ${at}`);
  if (lines.length > GREATEST_REPORT) lines.splice(GREATEST_REPORT, Infinity, `  … ${leaks.length} in all`);
  return `${searched}: LEAKED\n${lines.join("\n")}`;
}
