import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { BIN, type Serve } from "./processes.ts";

const signal = z.looseObject({
  kind: z.string(),
  severity: z.string(),
  at_ms: z.number(),
  client_id: z.string().optional(),
  detail: z.string().optional(),
  family_fingerprint: z.string().optional(),
});

export type ToldSignal = z.output<typeof signal> & {
  /** Milliseconds since the epoch. */
  toldAt: number;
};

export type SignalWatch = { told: readonly ToldSignal[]; stop(): Promise<void> };

/** Runs `assay watch --signals` beside what is done. Resolves when it is told what comes. */
export async function watchSignals({ address }: Serve): Promise<SignalWatch> {
  const child = spawn(process.execPath, [BIN, "watch", "--signals", "--json", "--address", address], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told: ToldSignal[] = [];
  createInterface({ input: child.stdout }).on("line", (line) =>
    told.push({ ...signal.parse(JSON.parse(line)), toldAt: Date.now() }),
  );
  const notes = createInterface({ input: child.stderr });
  const ended = once(child, "exit");
  const [note]: unknown[] = await Promise.race([once(notes, "line"), ended]);
  if (note !== "watching signals") throw new Error(`assay watch --signals says: ${String(note)}`);
  return {
    told,
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}
