import { z } from "zod";

const node = z.object({
  id: z.number(),
  callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
});

/** A .cpuprofile, as V8 makes it. */
export const cpuProfile = z.looseObject({
  nodes: z.array(z.looseObject(node.shape)),
  samples: z.array(z.number()),
  /** Microseconds before each sample. */
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof cpuProfile>;

/** Time in a function itself, without what it calls. */
export type SelfTime = { functionName: string; url: string; lineNumber: number; microseconds: number };

const IDLE = "(idle)";

/** One entry for each function, however it was reached; idle time is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const times = new Map<string, SelfTime>();
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const key = `${frame.url}:${frame.lineNumber}:${frame.functionName}`;
    const time = times.get(key) ?? { ...frame, microseconds: 0 };
    // A sample stands for the time until the next.
    time.microseconds += timeDeltas[index + 1] ?? 0;
    times.set(key, time);
  }
  return times.values().toArray();
}
