import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinned } from "../pinned.ts";
import type { Load, RunRequest, RunResult } from "./load.ts";
import { type Messages, prepareMessages } from "./prepared-messages.ts";
import type { Told } from "./process.ts";

export type RunningLoad = {
  /** Rejects when a call failed, or an answer was wrong. */
  run(request: RunRequest): Promise<RunResult>;
  stop(): Promise<void>;
};

/** For any number of loads. */
export type MessageFile = { path: string; remove(): Promise<void> };

const SCRIPT = fileURLToPath(new URL("process.ts", import.meta.url));

export async function messageFile(messages: Messages, kind: Load["kind"] = "unary"): Promise<MessageFile> {
  const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const path = join(directory, "messages");
  await prepareMessages(path, messages, kind !== "stream");
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Starts a generator and opens its connections. */
export async function startLoad(load: Load): Promise<RunningLoad> {
  const [program = "", ...args] = pinned([process.execPath, SCRIPT, JSON.stringify(load)], "client");
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the load generator ended: its last words are above")));
  });
  failed.catch(() => undefined);
  const told = (): Promise<Told> =>
    Promise.race([failed, new Promise<Told>((resolve) => child.once("message", (message: Told) => resolve(message)))]);
  await told();
  return {
    run: async (request) => {
      const result = told();
      child.send(request);
      const run = await result;
      if (run === "ready") throw new Error("the load generator started twice");
      return run;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
