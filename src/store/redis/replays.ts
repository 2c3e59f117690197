import type { Redis } from "ioredis";
import type { ReplayStore } from "../../core/ports.ts";
import type { Gate } from "./gate.ts";
import { replayKey } from "./keys.ts";
import { answered } from "./redis-error.ts";
import { decodeProofUse } from "./script-replies.ts";

/** Redis drops a use by itself at its expiry, when the proof has expired by the same clock. */
export function redisReplays(redis: Redis, gate: Gate): ReplayStore {
  return {
    async remember(key, request, expiresAt) {
      gate.pass();
      return decodeProofUse(await answered(redis.assayRememberProof(replayKey(key), request ?? "", expiresAt)));
    },
  };
}
