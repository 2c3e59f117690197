import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { spawnAssay } from "../cli/run-assay.ts";
import { eventually } from "../support/eventually.ts";

export type Watching = {
  out(): string[];
  err(): string;
  child: ChildProcessWithoutNullStreams;
  /** Resolves when standard error says it. */
  says(text: string | RegExp): Promise<void>;
  /** Resolves to the line of standard output. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves to the exit code. */
  interrupt(): Promise<unknown>;
};

/** @param words behind `assay watch` */
export function watchByCli(address: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Watching {
  const child = spawnAssay(["watch", ...words], { env: { ASSAY_ADDRESS: address, ...env } });
  const printed = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed.err += text));
  const out = (): string[] => printed.out.split("\n").filter((line) => line !== "");
  return {
    out,
    err: () => printed.err,
    child,
    async says(text) {
      await eventually(`it says ${String(text)}`, () => printed.err.search(text) >= 0 || undefined);
    },
    line: (pattern) => eventually(`a line like ${String(pattern)}`, () => out().find((line) => pattern.test(line))),
    async interrupt() {
      const ended = once(child, "close");
      child.kill("SIGINT");
      const [code]: unknown[] = await ended;
      return code;
    },
  };
}
