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
      // In one round trip, also where there is a record: the time does not tell whether there is.
      const [sealed] = await Promise.all([answered(redis.getBuffer(opaqueTokenKey(digest))), believeMiss(of)]);
      return sealed ?? undefined;
    },
  };
}
