import type { Redis } from "ioredis";
import { assessSafety, type SafetyWanted } from "./assess-safety.ts";
import type { SafetyAssessment } from "./assess.ts";
import { connected } from "./connected.ts";
import type { ConnectionSettings, RedisConnections } from "./connections.ts";
import { readContents, type RedisContents } from "./contents.ts";
import { answered, storeUnavailable } from "./redis-error.ts";
import { describeTopology, type Topology } from "./topology.ts";

export type InspectOptions = ConnectionSettings & Pick<SafetyWanted, "allowVolatile" | "attestDurable">;

/** What one primary says of itself. */
export type RedisNode = {
  /** Such as `Redis 7.0.15`. */
  version: string;
  /** Whether its last write to the append-only file, and the last rewrite of it, succeeded. */
  isWriting: boolean;
  /** Bytes. `most` is 0 where there is no limit. */
  memory: { used: number; most: number };
};

/** A Redis and the store in it, as they are. */
export type RedisInspection = {
  /** Hosts and ports. */
  address: string;
  safety: SafetyAssessment;
  nodes: readonly RedisNode[];
  topology: Topology;
  /** The median of a few, in milliseconds. */
  roundTripMs: number;
  /** The store's time less this machine's, in milliseconds, and by how much that may be off. */
  clock: { aheadMs: number; doubtMs: number };
  contents: RedisContents;
};

const ROUND_TRIPS = 9;

/**
 * Looks at a Redis and at the store in it, also while instances run. Changes nothing.
 * @throws StartError, AssayError `store_unavailable`
 */
export async function inspectRedis(options: InspectOptions): Promise<RedisInspection> {
  return connected(options, async (connections) => {
    const { address } = connections;
    const nodes = await Promise.all(connections.primaries().map(describeNode));
    return {
      address,
      nodes,
      safety: await assessSafety(connections, { ...options, address }),
      topology: await describeTopology(connections),
      ...(await measure(connections)),
      contents: await readContents(connections),
    };
  });
}

async function describeNode(node: Redis): Promise<RedisNode> {
  const info = await answered(node.info());
  const field = (name: string): string | undefined => info.match(new RegExp(`^${name}:(.*?)\r?$`, "m"))?.[1];
  const name = field("server_name") ?? "redis";
  const version = field(`${name}_version`) ?? field("redis_version") ?? "of unknown version";
  return {
    version: `${name === "redis" ? "Redis" : name} ${version}`,
    isWriting: ["aof_last_write_status", "aof_last_bgrewrite_status"].every((status) => field(status) !== "err"),
    memory: { used: Number(field("used_memory") ?? 0), most: Number(field("maxmemory") ?? 0) },
  };
}

/** By the quickest of some answers, which says most of the clock. */
async function measure({ holder }: RedisConnections): Promise<Pick<RedisInspection, "clock" | "roundTripMs">> {
  const node = holder();
  if (node === undefined) throw storeUnavailable("no node is known to hold the revocations");
  const measured: { ms: number; aheadMs: number }[] = [];
  while (measured.length < ROUND_TRIPS) {
    const [sent, wall] = [performance.now(), Date.now()];
    const [seconds, microseconds] = await answered(node.time());
    const ms = performance.now() - sent;
    measured.push({ ms, aheadMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (wall + ms / 2) });
  }
  const ordered = measured.toSorted((a, b) => a.ms - b.ms);
  const { ms = 0, aheadMs = 0 } = ordered[0] ?? {};
  return {
    roundTripMs: ordered[ROUND_TRIPS >> 1]?.ms ?? 0,
    // A millisecond is as fine as this machine's clock tells the time.
    clock: { aheadMs, doubtMs: ms / 2 + 1 },
  };
}
