import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Effort, Suite } from "../effort.ts";
import type { Around } from "../pairs.ts";
import { freePort } from "../product.ts";
import { type CpuProfile, cpuProfile } from "./cpu-profile.ts";
import { inspectorOption, openInspector } from "./inspector.ts";
import { printProfile } from "./print-profile.ts";

/** Ignored by git. */
const DIRECTORY = "bench/results";
const MILLISECONDS = 3_000;
const INTERVAL_MICROSECONDS = 250;

const stopped = z.object({ profile: cpuProfile });

/**
 * Runs a suite once, and profiles the main thread of the product while it is under load: the product is started as ever, and asked to
 * open its inspector. Writes a .cpuprofile for each measure, and prints where the time goes.
 */
export async function runProfile(name: string, suite: Suite, effort: Effort): Promise<void> {
  const port = await freePort();
  process.env["NODE_OPTIONS"] = [process.env["NODE_OPTIONS"], inspectorOption(port)].filter(Boolean).join(" ");
  await mkdir(DIRECTORY, { recursive: true });
  const around: Around = async (measure, pid, run) => {
    const { profile, result } = await profiled(pid, port, run);
    const path = join(DIRECTORY, `${name}-${measure}.cpuprofile`);
    await writeFile(path, JSON.stringify(profile));
    console.log(`\n${measure}: ${path}`);
    printProfile(profile, result.calls);
    return result;
  };
  await suite({ ...effort, runs: 1, milliseconds: MILLISECONDS, around }, () => undefined);
}

async function profiled<T>(
  pid: number,
  port: number,
  run: () => Promise<T>,
): Promise<{ profile: CpuProfile; result: T }> {
  const inspector = await openInspector(pid, port);
  try {
    await inspector.send("Profiler.enable");
    await inspector.send("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
    await inspector.send("Profiler.start");
    const result = await run();
    const { profile } = stopped.parse(await inspector.send("Profiler.stop"));
    return { profile, result };
  } finally {
    await inspector.close();
  }
}
