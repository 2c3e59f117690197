import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { pinned, type Cpu } from "./pinned.ts";

export type Child = { pid: number; firstLine: string; stop(): Promise<void> };

export type ChildOptions = {
  /** The processor it runs on, where there are two; any when absent. */
  on?: Cpu;
};

/** Starts a script under this Node; resolves with the first line that `isReady` accepts. */
export async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: (line: string) => boolean,
  { on }: ChildOptions = {},
): Promise<Child> {
  const [program = "", ...rest] = pinned([process.execPath, ...args], on);
  const child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) throw new Error(`cannot start ${args.join(" ")}`);
  // Whatever the bench dies of, it leaves nothing running.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  const firstLine = await readUntil(child, isReady);
  return {
    pid: child.pid,
    firstLine,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function readUntil(child: ChildProcess, isReady: (line: string) => boolean): Promise<string> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the child has no output");
  const seen: string[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [stdout, stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        if (seen.length < 50) seen.push(line);
        if (isReady(line)) resolve(line);
      });
    }
    child.once("exit", (code) =>
      reject(new Error(`the child ended with ${code} before it was ready:\n${seen.join("\n")}`)),
    );
  });
  return ready;
}
