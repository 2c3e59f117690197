import type { RedisInspection } from "../../store/redis/inspect.ts";
import { ok, type Said, warning } from "./finding.ts";

type Topology = RedisInspection["topology"];

/** What an acknowledgement is worth in the present topology. */
export function topologySays(topology: Topology): Said {
  const { promised, proves } = topology;
  const who = describe(topology);
  switch (proves) {
    case "every-replica":
      return ok(
        `${who}. WAIT ${promised} proves that every replica that may be promoted has a write: it survives a failover.`,
      );
    case "majority":
      return ok(
        `${who}. WAIT ${promised} proves that most machines have a write: it survives a failover that most Sentinels agree on.`,
      );
    case "copies":
      return warning(
        `${who}. WAIT ${promised} proves only that ${promised} copies exist: one that lacks a write may be promoted. ${mend(topology)}`,
      );
    case "nothing":
      return mayFailOver(topology)
        ? warning(
            `${who}. A write is on the primary's disk only (durability local): a failover may lose it, until an instance that holds it has put it back; and an instance that is cut off together with a former primary goes on taking that for current. ` +
              `Set store.durability to replicated. ${mend(topology)}`,
          )
        : ok(
            `${who}. A write is on the disk of one machine (durability local): it survives a crash, not the loss of that machine.`,
          );
  }
}

function describe({ kind, primaries, sentinels, quorum }: Topology): string {
  const each = primaries.map(({ address, replicas }) => `${address} with ${replicas} connected`).join(", ");
  const watched =
    sentinels === undefined ? "" : `, watched by ${sentinels} Sentinels with a quorum of ${quorum ?? "?"}`;
  return `A ${kind === "standalone" ? "single Redis" : kind}, replicas by primary: ${each}${watched}`;
}

function mayFailOver({ kind, primaries }: Topology): boolean {
  return kind !== "standalone" || primaries.some(({ replicas }) => replicas > 0);
}

function mend({ kind, primaries }: Topology): string {
  const most = Math.max(1, ...primaries.map(({ replicas }) => replicas));
  const whereKnown =
    kind === "standalone" ? ", and name it by its Sentinels in store.url, so that Assay sees what may be promoted" : "";
  return `store.replicas: ${most} covers every replica that is connected now${whereKnown}.`;
}
