/** When a Cluster that failed over is whole again, with an operator's hand where Redis needs it. */
import type { Redis } from "ioredis";
import { slotsIn, type Table, tableOf } from "./redis-cluster-table.ts";
import { until } from "./until.ts";

type Node = { id: string; admin: Redis };

const WITHIN_MS = 25_000;

/** Resolves once all nodes run, serve and agree on who leads, who follows whom and who holds what. */
export async function settled(nodes: readonly Node[]): Promise<void> {
  // A node that is not there yet fails what it is asked.
  const look = (): Promise<true | undefined> => lookOrGiveBack(nodes).catch(() => undefined);
  await until("the nodes serve and agree", look, WITHIN_MS);
}

async function lookOrGiveBack(nodes: readonly Node[]): Promise<true | undefined> {
  const tables = await Promise.all(nodes.map(({ admin }) => tableOf(admin)));
  const states = await Promise.all(nodes.map(async ({ admin }) => String(await admin.call("CLUSTER", "INFO"))));
  const doServe = states.every((state) => state.includes("cluster_state:ok"));
  if (doServe && new Set(tables.map(viewIn)).size === 1) return true;
  await giveBack(nodes, tables);
  return undefined;
}

/**
 * What all others say is a node's, and it says is nobody's. So Redis 7.0.15 leaves now and then the slot that was moved last before its
 * new holder was killed: the replica is promoted with it, gives it up as the killed one comes back and still claims it, and that one
 * is a replica itself a moment later. The new primary refuses everything from then on (CLUSTERDOWN), until somebody does this, as
 * `redis-cli --cluster fix` would.
 */
async function giveBack(nodes: readonly Node[], tables: readonly Table[]): Promise<void> {
  for (const [place, { id, admin }] of nodes.entries()) {
    const held = new Set(tables[place]?.flatMap(slotsIn));
    const others = tables.filter((table) => table !== tables[place]);
    const lost = others
      .map((table) => slotsIn(table.find((row) => row[0] === id) ?? []).filter((slot) => !held.has(slot)))
      .reduce((all, some) => all.filter((slot) => some.includes(slot)));
    if (lost.length > 0) await admin.call("CLUSTER", "ADDSLOTS", ...lost);
  }
}

function viewIn(table: Table): string {
  const rows = table.map((row) => {
    const [id, , flags = "", primary] = row;
    return [id, flags.replace("myself,", ""), primary, ...slotsIn(row)].join(" ");
  });
  return rows.toSorted().join("\n");
}
