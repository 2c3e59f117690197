import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/**
 * What is measured has a processor to itself; what asks, and everything else, runs on the other. A start is measured on both: Node
 * compiles and collects beside what it runs, as it does wherever it is not confined.
 */
export type Cpu = "server" | "client" | "both";

const NUMBERS: Readonly<Record<Cpu, string>> = { server: "0", client: "1", both: "0,1" };

const canPin =
  availableParallelism() > 1 && spawnSync("taskset", ["-c", "0,1", "true"], { stdio: "ignore" }).status === 0;

/** The command that runs another on a processor of its own, with all its threads; it keeps the process id. */
export function pinned(command: readonly string[], on: Cpu | undefined): readonly string[] {
  return canPin && on !== undefined ? ["taskset", "-c", NUMBERS[on], ...command] : command;
}

export function howPinned(): string {
  return canPin
    ? "servers pinned to processor 0, load generators to processor 1"
    : "no processor pinned: that needs two of them and taskset";
}

/** This process does what is not measured. What it starts is beside it, unless it says otherwise. */
export function pinSelf(): void {
  if (canPin) spawnSync("taskset", ["-a", "-c", "-p", NUMBERS.client, String(process.pid)], { stdio: "ignore" });
}
