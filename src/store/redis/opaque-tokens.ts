import type { OpaqueTokenStore } from "../../core/ports.ts";
import { dropAt, opaqueTokenKey } from "./keys.ts";
import { answered } from "./redis-error.ts";
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
      const record = answered(connections.commands.getBuffer(opaqueTokenKey(digest)));
      const [sealed] = await Promise.all([record, believeMiss(of)]);
      return sealed ?? undefined;
    },
  };
}
