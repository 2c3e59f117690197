import type { OpaqueTokenStore } from "../../core/ports.ts";
import { dropAt, opaqueTokenKey } from "./keys.ts";
import { believeMiss, type RevocationsOf } from "./revocations.ts";

export function redisOpaqueTokens(of: RevocationsOf): OpaqueTokenStore {
  const { connections, gate } = of;
  return {
    async put(digest, sealed, expiresAt) {
      gate.pass();
      await connections.durably("assayPutOpaqueToken", opaqueTokenKey(digest), sealed, dropAt(expiresAt));
    },
    async get(digest) {
      gate.pass();
      // In one round trip, also where there is a record: the time does not tell whether there is.
      const [sealed] = await Promise.all([connections.reads.string(opaqueTokenKey(digest)), believeMiss(of)]);
      return sealed;
    },
  };
}
