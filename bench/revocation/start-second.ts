import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Task, Told } from "./second-process.ts";
import type { StorePlace } from "./store.ts";

export type SecondProcess = {
  /** The next that it tells. */
  next(): Promise<Told>;
  stop(): Promise<void>;
};

/** As the Dockerfile sets them. */
const AS_IN_THE_IMAGE = { MALLOC_ARENA_MAX: "2", MALLOC_TRIM_THRESHOLD_: "65536", MALLOC_MMAP_THRESHOLD_: "65536" };

const SCRIPT = fileURLToPath(new URL("second-process.ts", import.meta.url));

export function startSecond(task: Task, place: StorePlace): SecondProcess {
  const child = fork(SCRIPT, [task, place], { execArgv: ["--expose-gc"], env: { ...process.env, ...AS_IN_THE_IMAGE } });
  const told: Told[] = [];
  let wake = Promise.withResolvers<void>();
  child.on("message", (message: Told) => {
    told.push(message);
    wake.resolve();
  });
  child.once("exit", (code) => wake.reject(new Error(`the second process (${task}) ended with ${code}`)));
  wake.promise.catch(() => undefined);
  return {
    next: async () => {
      for (;;) {
        const first = told.shift();
        if (first !== undefined) return first;
        await wake.promise;
        wake = Promise.withResolvers();
        wake.promise.catch(() => undefined);
      }
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** How many milliseconds a boot took, and what is resident after it, in bytes. */
export async function boot(
  task: "boot-view" | "boot-raw",
  place: StorePlace,
): Promise<{ ms: number; resident: number }> {
  const child = startSecond(task, place);
  try {
    const told = await child.next();
    if (told.told !== "booted") throw new Error("the second process did not boot");
    return told;
  } finally {
    await child.stop();
  }
}
