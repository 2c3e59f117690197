import { cpus, release, totalmem, type } from "node:os";

/** What a run was made on. */
export type Machine = {
  system: string;
  processor: string;
  processors: number;
  memory: string;
  node: string;
  /** ISO 8601, the day. */
  day: string;
};

export function thisMachine(): Machine {
  const all = cpus();
  return {
    system: `${type()} ${release()}`,
    processor: all[0]?.model.trim() ?? "unknown",
    processors: all.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    day: new Date().toISOString().slice(0, 10),
  };
}
