import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Running } from "../main.ts";
import { becomeMember, type Membership } from "../workers/membership.ts";
import { asFailure, EXIT } from "./failure.ts";

type WorkerOptions = {
  load: () => Promise<LoadedConfig>;
  /** With what the command line says. */
  settled: (config: Config) => Config;
};

/** Serves until the first process says otherwise: what went wrong at the start it tells that process, and nobody else. */
export async function serveAsWorker(options: WorkerOptions): Promise<never> {
  // They come to all processes of a terminal or a unit at once; the first of them passes on what is meant.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  let running: Running | undefined;
  const stopAsked = Promise.withResolvers<void>();
  const member = await becomeMember({
    reload: () => void running?.reload(),
    stop({ hurry }) {
      stopAsked.resolve();
      if (!hurry) return;
      if (running === undefined) process.exit();
      // What goes wrong is told by the stop that is under way.
      void running.stop({ hurry }).catch(() => undefined);
    },
    metrics: async () => (await running?.metrics?.()) ?? [],
  });
  try {
    running = await startAs(member, options);
    await member.say({ kind: "serving", address: running.address, problem: running.problem });
    await stopAsked.promise;
    await running.stop();
  } catch (error) {
    await member.say({ kind: "failed", sentence: asFailure(error).message });
    process.exit(EXIT.refused);
  }
  process.exit();
}

async function startAs(member: Membership, { load, settled }: WorkerOptions): Promise<Running> {
  // What cannot be loaded, too, is told to the first process.
  const { loadedBefore } = await import("../config/load.ts");
  const { start } = await import("../main.ts");
  const { number, source, join, leave, reach, gather, followSignals, tellSignals } = member;
  const begunWith = (input: unknown): Config => settled(loadedBefore({ input, source }, process.cwd()));
  let lastLoaded: unknown;
  return start(begunWith(member.started), {
    source,
    load: async () => {
      const { config, input } = await load();
      lastLoaded = input;
      return settled(config);
    },
    worker: {
      number,
      siblings: { join, leave, reach, followSignals, tellSignals },
      gather,
      taken: begunWith(member.taken),
      tookOver: () => void member.say({ kind: "took-over", taken: lastLoaded }),
    },
  });
}
