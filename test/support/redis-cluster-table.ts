import type { Redis } from "ioredis";

/** CLUSTER NODES, one row a node: id, address, flags, primary … slots. */
export type Table = readonly (readonly string[])[];

export async function tableOf(admin: Redis): Promise<Table> {
  const reply = String(await admin.call("CLUSTER", "NODES"));
  return reply
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
}

/** @param row of a table. Slots that are on their way are told apart, and left out. */
export function slotsIn(row: readonly string[]): number[] {
  const ranges = row.slice(8).filter((range) => !range.startsWith("["));
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_none, place) => from + place);
  });
}
