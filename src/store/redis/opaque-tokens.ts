import type { OpaqueTokenStore } from "../../core/ports.ts";
import { dropAt, opaqueTokenKey } from "./keys.ts";
import { answered } from "./redis-error.ts";
import { believeMiss, type RevocationsOf } from "./revocations.ts";

export function redisOpaqueTokens(of: RevocationsOf): OpaqueTokenStore {
  const { redis, gate } = of;
  return {
    async put(digest, sealed, expiresAt) {
      gate.pass();
      await answered(redis.set(opaqueTokenKey(digest), sealed, "PXAT", dropAt(expiresAt), "NX"));
    },
    async get(digest) {
      gate.pass();
      return (await answered(redis.getBuffer(opaqueTokenKey(digest)))) ?? believeMiss(of);
    },
  };
}
