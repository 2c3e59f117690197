import type { Redis } from "ioredis";
import type { OpaqueTokenStore } from "../../core/ports.ts";
import type { Gate } from "./gate.ts";
import { dropAt, opaqueTokenKey } from "./keys.ts";
import { answered } from "./redis-error.ts";

export function redisOpaqueTokens(redis: Redis, gate: Gate): OpaqueTokenStore {
  return {
    async put(digest, sealed, expiresAt) {
      gate.pass();
      await answered(redis.set(opaqueTokenKey(digest), sealed, "PXAT", dropAt(expiresAt)));
    },
    async get(digest) {
      gate.pass();
      return (await answered(redis.getBuffer(opaqueTokenKey(digest)))) ?? undefined;
    },
  };
}
