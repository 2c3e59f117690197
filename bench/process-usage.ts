import { readdir, readFile } from "node:fs/promises";

/**
 * Time on a processor of all threads of a process so far, in microseconds, as the operating system counts it. Each thread's own
 * account is in nanoseconds; that of the whole process, in /proc/PID/stat, in ticks of 10 ms, which is a hundredth of a run. A thread
 * that ends takes its account with it: Node's own threads and ours live as long as their process.
 */
export async function cpuMicroseconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const accounts = await Promise.all(threads.map((thread) => nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`)));
  return accounts.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1_000;
}

/** What is resident of a process, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** None of a thread that has ended since it was listed. */
async function nanosecondsOf(path: string): Promise<number> {
  const account = await readFile(path, "utf8").catch(() => "0");
  return Number(account.split(" ", 1)[0]);
}
