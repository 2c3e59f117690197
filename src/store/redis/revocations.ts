import type { Redis } from "ioredis";
import type { Clock, Keep, LiveRevocation, RevocationStore } from "../../core/ports.ts";
import { damaged } from "../refusal.ts";
import { KEEP_MARGIN_MS, LOG_RETENTION_MS, PURGE_BATCH } from "../retention.ts";
import { formatRevision } from "../revision.ts";
import type { Gate } from "./gate.ts";
import { INCARNATION_FIELD, REVOCATIONS } from "./keys.ts";
import { answered, storeUnavailable } from "./redis-error.ts";
import { decodeAppend, decodePurge } from "./script-replies.ts";

export type RevocationsOf = { redis: Redis; gate: Gate; clock: Clock; address: string };

export function redisRevocations(of: RevocationsOf): RevocationStore {
  const { redis, gate, clock } = of;
  const { log, live, expiry, meta } = REVOCATIONS;
  return {
    async append({ digest, cutOff, keep, sealed }) {
      const { incarnation, durability } = gate.pass();
      const cut = cutOff ?? "-";
      const position = decodeAppend(
        await answered(
          redis.assayAppendRevocation(
            log,
            live,
            expiry,
            meta,
            incarnation,
            digest,
            cut,
            keepArgument(keep),
            sealed,
            clock.now(),
            KEEP_MARGIN_MS,
          ),
        ),
      );
      if (position === undefined) {
        throw lost(of);
      }
      return { revision: formatRevision(incarnation, position), durability };
    },
    async find(digests) {
      const { incarnation } = gate.pass();
      const [canary, ...values] = await answered(redis.hmgetBuffer(live, INCARNATION_FIELD, ...digests));
      if (canary?.toString() !== incarnation || values.length !== digests.length) {
        throw lost(of);
      }
      return values.map(liveRevocation);
    },
  };
}

/** @returns how many went. */
export async function purgeRevocations(of: RevocationsOf): Promise<number> {
  const { log, live, expiry, meta } = REVOCATIONS;
  const { incarnation } = of.gate.pass();
  const now = of.clock.now();
  const trimUpTo = Math.max(0, now - LOG_RETENTION_MS);
  const count = decodePurge(
    await answered(of.redis.assayPurgeRevocations(log, live, expiry, meta, incarnation, now, trimUpTo, PURGE_BATCH)),
  );
  if (count === undefined) {
    throw lost(of);
  }
  return count;
}

/** A sentence when the live set is not there or not ours. */
export async function lossOfRevocations({ redis, gate, address }: RevocationsOf): Promise<string | undefined> {
  const { incarnation } = gate.pass();
  const canary = await answered(redis.hget(REVOCATIONS.live, INCARNATION_FIELD));
  return canary === incarnation ? undefined : damaged("its revocations", address);
}

/** What a read did not find is not there, unless all is lost. @throws AssayError `store_unavailable` */
export async function believeMiss(of: RevocationsOf): Promise<undefined> {
  if ((await lossOfRevocations(of)) !== undefined) {
    throw lost(of);
  }
  return undefined;
}

function keepArgument(keep: Keep): number | "greatest" | "-" {
  if (keep === "for-good") {
    return "-";
  }
  return keep === "greatest-lifetime" ? "greatest" : keep;
}

/** `CUT_OFF:KEEP_UNTIL:SEALED`, as `append-revocation.lua` writes it. */
function liveRevocation(value: Buffer | null): LiveRevocation | undefined {
  if (value === null) {
    return undefined;
  }
  const cutOff = value.toString("latin1", 0, value.indexOf(":"));
  if (cutOff === "-") {
    return {};
  }
  if (!/^\d+$/.test(cutOff)) {
    throw storeUnavailable("a live revocation is not in the form that this version writes");
  }
  return { cutOff: Number(cutOff) };
}

/** An empty read proves nothing: after FLUSHALL, say, everything stays closed. */
function lost({ gate, address }: RevocationsOf): Error {
  const sentence = damaged("its revocations", address);
  gate.shut(sentence);
  return storeUnavailable(sentence);
}
