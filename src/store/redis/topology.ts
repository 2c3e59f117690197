import type { Redis } from "ioredis";
import type { RedisConnections } from "./connections.ts";
import { answered } from "./redis-error.ts";
import { formatPlace } from "./redis-url.ts";

export type Topology = {
  kind: RedisConnections["kind"];
  /** One, but in a Cluster. `replicas`: how many are connected and in step now. */
  primaries: readonly { address: string; replicas: number }[];
  /** How many replicas have every durable write. */
  promised: number;
  /** How many Sentinels there are, and how many of them must agree that the primary is gone. */
  sentinels?: number;
  quorum?: number;
  /**
   * What the promise survives. `every-replica`: each that may be promoted has the write. `majority`: most of the machines have it, where
   * each has a Sentinel beside its Redis. `copies`: that many copies exist, but another may be promoted. `nothing`: no replica is
   * waited for.
   */
  proves: "copies" | "every-replica" | "majority" | "nothing";
};

/** What stands behind the store now. @throws AssayError `store_unavailable` */
export async function describeTopology(connections: RedisConnections): Promise<Topology> {
  const { kind, replicas: promised, sentinels } = connections;
  const primaries = await Promise.all(connections.primaries().map(describePrimary));
  const asked = sentinels === undefined ? undefined : await answered(sentinels.ask());
  const facts = {
    kind,
    primaries,
    promised,
    ...(asked === undefined ? {} : { sentinels: asked.sentinels, quorum: asked.quorum }),
  };
  return { ...facts, proves: proofOf(facts, asked?.replicas) };
}

/**
 * A sentence while the revocations have fewer replicas than every durable write needs: then nothing can be proved. What lies elsewhere in
 * a Cluster fails by itself. @throws AssayError `store_unavailable`
 */
export async function lackOfReplicas({ replicas: promised, holder }: RedisConnections): Promise<string | undefined> {
  const node = holder();
  if (promised === 0 || node === undefined) {
    return undefined;
  }
  const { address, replicas } = await describePrimary(node);
  return replicas >= promised
    ? undefined
    : `The Redis at ${address} has ${replicas} connected ${replicas === 1 ? "replica" : "replicas"}, and store.replicas promises that ` +
        `${promised} have every write. Start or mend its replicas, or lower store.replicas; Assay keeps trying.`;
}

async function describePrimary(node: Redis): Promise<Topology["primaries"][number]> {
  const info = await answered(node.info("replication"));
  const online = info.match(/^slave\d+:.*\bstate=online\b/gm) ?? [];
  const { remoteAddress = "", remotePort = 0 } = node.stream;
  return { address: formatPlace(remoteAddress, remotePort), replicas: online.length };
}

/** @param known how many replicas the Sentinels know, connected or not */
function proofOf({ kind, primaries, promised, sentinels }: Omit<Topology, "proves">, known = 0): Topology["proves"] {
  if (promised === 0) {
    return "nothing";
  }
  const most = Math.max(known, ...primaries.map(({ replicas }) => replicas));
  if (kind !== "standalone" && promised >= most) {
    return "every-replica";
  }
  // Of those that Sentinel can reach it promotes the one that has most of the log.
  const machines = most + 1;
  if (kind === "sentinel" && sentinels === machines && promised + 1 >= machines / 2) {
    return "majority";
  }
  return "copies";
}
