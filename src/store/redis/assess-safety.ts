import type { Redis } from "ioredis";
import type { Durability } from "../../core/revocation-log.ts";
import type { SafetyAssessment, Unfit } from "./assess.ts";
import type { RedisConnections } from "./connections.ts";
import { isPrimary, readSafety } from "./safety.ts";
import { lackOfReplicas } from "./topology.ts";

export type SafetyWanted = {
  address: string;
  /** Accept a Redis that may lose or evict what it acknowledged. */
  allowVolatile: boolean;
  /** The operator attests the settings of a Redis that hides them. */
  attestDurable: boolean;
};

/** Whether every node takes writes and keeps them: nobody asks Assay before a CONFIG SET or a demotion. */
export async function assessSafety(connections: RedisConnections, wanted: SafetyWanted): Promise<SafetyAssessment> {
  const nodes = await Promise.all(connections.primaries().map((node) => assessNode(node, wanted)));
  const unfit = nodes.find((node): node is Unfit => "unfit" in node);
  if (unfit !== undefined) {
    return unfit;
  }
  const lack = await lackOfReplicas(connections);
  if (lack !== undefined) {
    return { unfit: lack, isPassing: true };
  }
  const isVolatile = nodes.some((node) => "durability" in node && node.durability === "volatile");
  const durability = connections.replicas > 0 ? "replicated" : "local";
  return { durability: isVolatile ? "volatile" : durability };
}

async function assessNode(
  redis: Redis,
  { address, allowVolatile, attestDurable }: SafetyWanted,
): Promise<{ durability: Extract<Durability, "local" | "volatile"> } | Unfit> {
  if (!(await isPrimary(redis))) {
    return {
      unfit: `The Redis at ${address} is a replica: it may lag behind and refuses writes. Name its primary in store.url.`,
    };
  }
  const safety = await readSafety(redis);
  if (safety.settings === "safe" || (safety.settings === "hidden" && attestDurable)) {
    return { durability: "local" };
  }
  if (allowVolatile) {
    return { durability: "volatile" };
  }
  return { unfit: safety.settings === "hidden" ? hidden(address) : unsafe(address, safety.faults) };
}

function hidden(address: string): string {
  return (
    `The Redis at ${address} does not let this user read its settings (CONFIG GET is forbidden or renamed), so its durability cannot be checked. ` +
    "Allow +config|get, or attest that it keeps what it acknowledges with store.attest_durable: true (ASSAY_STORE_ATTEST_DURABLE=true)."
  );
}

function unsafe(address: string, faults: readonly string[]): string {
  return (
    `The Redis at ${address} may lose or evict acknowledged revocations: ${faults.join("; ")}. ` +
    "Change these settings in redis.conf, or with CONFIG SET and CONFIG REWRITE. " +
    "For a trial only, accept the loss with store.unsafe_allow_volatile: true (ASSAY_STORE_UNSAFE_ALLOW_VOLATILE=true)."
  );
}
