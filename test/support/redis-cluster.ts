/** A Redis Cluster on this machine: three primaries, each with a replica. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { settled } from "./redis-cluster-settled.ts";
import { slotsIn, tableOf } from "./redis-cluster-table.ts";
import { freePort, type RedisProcess, startRedisProcess } from "./redis-process.ts";
import { SAFE } from "./redis-server.ts";
import { until } from "./until.ts";

export type ClusterNode = RedisProcess & { id: string; admin: Redis };

export type RedisCluster = {
  /** Names three of the nodes. */
  url: string;
  nodes: readonly ClusterNode[];
  /** The primary that holds the key now, as most see it. */
  holderOf(key: string): Promise<ClusterNode>;
  replicaOf(primary: ClusterNode): Promise<ClusterNode>;
  /** Moves a slot with its keys from where it is, one key at a time. */
  moveSlot(slot: number, to: ClusterNode): Promise<void>;
  slotOf: (key: string) => Promise<number>;
  /** Resolves once all nodes run, serve and agree on who holds what. Gives back a slot that Redis itself has lost. */
  settled(): Promise<void>;
  flush(): Promise<void>;
  /** Ends everything and removes its data. */
  remove(): Promise<void>;
};

const HOST = "127.0.0.1";
const PRIMARIES = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_000;

export async function startRedisCluster(): Promise<RedisCluster> {
  const dir = await mkdtemp(join(tmpdir(), "assay-cluster-"));
  const nodes: ClusterNode[] = [];

  async function remove(): Promise<void> {
    nodes.forEach(({ admin }) => admin.disconnect());
    await Promise.all(nodes.map((node) => node.end("SIGKILL")));
    await rm(dir, { recursive: true, force: true });
  }

  try {
    for (let place = 0; place < 2 * PRIMARIES; place += 1) {
      nodes.push(await startNode(join(dir, `node-${place}`)));
    }
    await form(nodes);
  } catch (error) {
    await remove();
    throw error;
  }

  /** Whichever answers: they may be killed one by one. */
  function living(): ClusterNode {
    const node = nodes.find(({ admin }) => admin.status === "ready");
    if (node === undefined) {
      throw new Error("a Cluster has nodes");
    }
    return node;
  }
  async function slotOf(key: string): Promise<number> {
    return until("a node tells the slot", () =>
      living()
        .admin.cluster("KEYSLOT", key)
        .catch(() => undefined),
    );
  }

  async function holderOf(key: string): Promise<ClusterNode> {
    const slot = await slotOf(key);
    return until(
      "a node holds the slot",
      async () => {
        const holders = await Promise.all(nodes.map(async (node) => ((await holds(node, slot)) ? node : undefined)));
        return holders.find((node) => node !== undefined);
      },
      25_000,
    );
  }

  return {
    url: `redis+cluster://${nodes
      .slice(0, PRIMARIES)
      .map(({ port }) => `${HOST}:${port}`)
      .join(",")}`,
    nodes,
    holderOf,
    slotOf,
    async replicaOf({ id }) {
      const table = await tableOf(living().admin);
      const replica = nodes.find((node) => table.some((row) => row[0] === node.id && row[3] === id));
      if (replica === undefined) {
        throw new Error("a primary has a replica");
      }
      return replica;
    },
    async moveSlot(slot, to) {
      const from = await until("a node holds the slot", async () => {
        const holders = await Promise.all(nodes.map(async (node) => ((await holds(node, slot)) ? node : undefined)));
        return holders.find((node) => node !== undefined);
      });
      await moveSlot(slot, from, to, nodes);
    },
    settled: () => settled(nodes),
    async flush() {
      await Promise.all(nodes.map(({ admin }) => admin.flushall().catch(() => undefined)));
    },
    remove,
  };
}

async function startNode(dir: string): Promise<ClusterNode> {
  await mkdir(dir);
  const bus = await freePort();
  const basics = ["--bind", HOST, "--dir", dir, "--logfile", join(dir, "redis.log"), ...SAFE];
  const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(bus)];
  const quick = ["--cluster-node-timeout", String(NODE_TIMEOUT_MS), "--cluster-replica-validity-factor", "0"];
  const sync = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
  const server = await startRedisProcess((port) => ["--port", String(port), ...basics, ...cluster, ...quick, ...sync]);
  const admin = new Redis({ host: HOST, port: server.port, retryStrategy: () => 50, protocol: 2 });
  admin.on("error", () => undefined);
  return { ...server, admin, id: await admin.cluster("MYID") };
}

async function form(nodes: readonly ClusterNode[]): Promise<void> {
  const [first] = nodes;
  const primaries = nodes.slice(0, PRIMARIES);
  for (const [place, { admin }] of primaries.entries()) {
    const from = Math.floor((place * SLOTS) / PRIMARIES);
    const to = Math.floor(((place + 1) * SLOTS) / PRIMARIES) - 1;
    await admin.call("CLUSTER", "ADDSLOTSRANGE", from, to);
    await admin.call("CLUSTER", "SET-CONFIG-EPOCH", place + 1);
  }
  for (const { admin } of nodes.slice(1)) {
    const bus = Number((await first?.admin.config("GET", "cluster-port"))?.at(1));
    await admin.call("CLUSTER", "MEET", HOST, first?.port ?? 0, bus);
  }
  await until("every node knows every other", async () => {
    const tables = await Promise.all(nodes.map(({ admin }) => tableOf(admin)));
    return tables.every((table) => table.length === nodes.length) ? true : undefined;
  });
  for (const [place, primary] of primaries.entries()) {
    const replica = nodes[PRIMARIES + place];
    await until("the replica knows its primary", async () =>
      replica?.admin.call("CLUSTER", "REPLICATE", primary.id).then(
        () => true,
        () => undefined,
      ),
    );
  }
  await until("the Cluster is whole", async () => {
    const states = await Promise.all(nodes.map(async ({ admin }) => isWhole(admin)));
    return states.every(Boolean) ? true : undefined;
  });
}

async function isWhole(admin: Redis): Promise<boolean> {
  const [cluster, replication] = [await admin.call("CLUSTER", "INFO"), await admin.info("replication")];
  const isLinked = /master_link_status:up/.test(replication) || /state=online/.test(replication);
  return String(cluster).includes("cluster_state:ok") && isLinked;
}

/** https://redis.io/docs/latest/commands/cluster-setslot/ */
async function moveSlot(
  slot: number,
  from: ClusterNode,
  to: ClusterNode,
  nodes: readonly ClusterNode[],
): Promise<void> {
  if (from === to) {
    return;
  }
  await to.admin.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
  await from.admin.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
  for (;;) {
    const keys: unknown = await from.admin.call("CLUSTER", "GETKEYSINSLOT", slot, 1);
    const [key]: readonly unknown[] = Array.isArray(keys) ? keys : [];
    if (typeof key !== "string") {
      break;
    }
    await from.admin.call("MIGRATE", HOST, to.port, key, 0, 5_000);
  }
  // The new holder first: between the two nobody would hold it.
  for (const node of [to, from, ...nodes.filter((other) => other !== to && other !== from)]) {
    await node.admin.call("CLUSTER", "SETSLOT", slot, "NODE", to.id).catch(() => undefined);
  }
}

async function holds(node: ClusterNode, slot: number): Promise<boolean> {
  if (node.admin.status !== "ready") {
    return false;
  }
  const table = await tableOf(node.admin).catch(() => []);
  const own = table.find((row) => row[2]?.startsWith("myself")) ?? [];
  return own[2]?.includes("master") === true && slotsIn(own).includes(slot);
}
