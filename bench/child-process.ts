import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** Kernel ticks of /proc/PID/stat are 1/100 s on Linux, whatever the kernel's own tick. */
const MICROSECONDS_PER_TICK = 10_000;

export type Child = { pid: number; firstLine: string; stop(): Promise<void> };

/** Starts a script under this Node; resolves with the first line that `isReady` accepts. */
export async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: (line: string) => boolean,
): Promise<Child> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) throw new Error(`cannot start ${args.join(" ")}`);
  const firstLine = await readUntil(child, isReady);
  return {
    pid: child.pid,
    firstLine,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** User and system time of all threads of a process so far, in microseconds, as the operating system counts it. */
export async function cpuMicroseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field, the command's name, may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
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
