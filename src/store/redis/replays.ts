import type { ReplayStore } from "../../core/ports.ts";
import { replayKey } from "./keys.ts";
import type { RevocationsOf } from "./revocations.ts";
import { decodeProofUse } from "./script-replies.ts";

/**
 * Redis drops a use by itself at its expiry, when the proof has expired by the same clock. No replica is waited for: what a failover
 * loses is the last instant of uses, each of a proof that lives for about a minute, and waiting would tie every introspection of a
 * bound token to the replicas.
 */
export function redisReplays({ connections, gate }: RevocationsOf): ReplayStore {
  return {
    async remember(key, request, expiresAt) {
      gate.pass();
      return decodeProofUse(await connections.run("assayRememberProof", replayKey(key), request ?? "", expiresAt));
    },
  };
}
