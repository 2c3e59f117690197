import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { StoreTask } from "./store-process.ts";

export type RunningTask = {
  /** Lets it begin. Resolves to its results, one for each digest; to none when it was killed. */
  go(): Promise<string[]>;
};

const SCRIPT = fileURLToPath(new URL("store-process.ts", import.meta.url));

/** Starts a process that waits for `go` before it opens the store. */
export async function startStoreProcess(task: StoreTask): Promise<RunningTask> {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(task)], { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const closed = once(child, "close");
  await once(child.stdout, "data");
  return {
    async go() {
      child.stdin.end("go\n");
      await closed;
      const [, results = "[]"] = output.trim().split("\n");
      return z.array(z.string()).parse(JSON.parse(results));
    },
  };
}
