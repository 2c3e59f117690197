import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { LoadResult } from "../pairs.ts";
import { pinned } from "../pinned.ts";
import type { CallersSettings } from "./callers-process.ts";

export type Callers = { run: (milliseconds: number) => Promise<LoadResult>; stop: () => Promise<void> };

const SCRIPT = fileURLToPath(new URL("callers-process.ts", import.meta.url));
const ran = z.object({ calls: z.number(), seconds: z.number() });

/** Starts many callers in a process of their own. */
export async function startCallers(settings: CallersSettings): Promise<Callers> {
  const [program = "", ...args] = pinned([process.execPath, SCRIPT, JSON.stringify(settings)], "client");
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the callers' process ended: its last words are above")));
  });
  failed.catch(() => undefined);
  const told = (): Promise<unknown> => Promise.race([failed, new Promise((resolve) => child.once("message", resolve))]);
  await told();
  return {
    run: async (milliseconds) => {
      const result = told();
      child.send(milliseconds);
      return ran.parse(await result);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}
