import type { Following, Keep, Revocation, RevocationStore } from "../../core/revocation-log.ts";
import { KEEP_MARGIN_MS } from "../retention.ts";
import { formatRevision } from "../revision.ts";
import { followLog } from "./follow-log.ts";
import { type Mark, noteKnown } from "./kept.ts";
import { INCARNATION_FIELD, REVOCATIONS } from "./keys.ts";
import { type AppendReply, decodeAppend } from "./log-replies.ts";
import { answered } from "./redis-error.ts";
import { readSealedPart, UNBOUNDED } from "./revocation-bytes.ts";
import { lost, type RevocationsOf } from "./revocations.ts";
import { isAfter } from "./taken.ts";

/** `stop` ends the following. */
export function redisRevocations(of: RevocationsOf): RevocationStore & { stop(): Promise<void> } {
  const { connections, gate } = of;
  let following: Following | undefined;
  return {
    async append(revocation) {
      const { incarnation, durability } = gate.pass();
      const { id, isNew, held } = await append(of, incarnation, revocation);
      noteAppended(of, { incarnation, id }, isNew);
      return { revision: formatRevision(incarnation, id), durability, held };
    },
    follow(follower) {
      following = followLog(of, follower);
      return following;
    },
    stop: async () => following?.stop(),
    async readSealed(digests) {
      const { incarnation } = gate.pass();
      const [canary, ...values] = await answered(
        connections.commands.hmgetBuffer(REVOCATIONS.live, INCARNATION_FIELD, ...digests),
      );
      if (canary?.toString() !== incarnation || values.length !== digests.length) {
        throw lost(of, incarnation);
      }
      return values.map((value) => (value === null ? undefined : readSealedPart(value)));
    },
  };
}

async function append(
  of: RevocationsOf,
  incarnation: string,
  { digest, cutOff, cutOffNow, keep, sealed }: Revocation,
): Promise<AppendReply> {
  const { log, live, expiry, meta } = REVOCATIONS;
  const reply = await of.connections.durably(
    "assayAppendRevocationBuffer",
    log,
    live,
    expiry,
    meta,
    incarnation,
    digest,
    cutOff ?? UNBOUNDED,
    keepArgument(keep),
    sealed,
    of.clock.now(),
    KEEP_MARGIN_MS,
    cutOffNow === true ? "1" : "0",
  );
  const appended = decodeAppend(reply, digest);
  if (appended === undefined) {
    throw lost(of, incarnation);
  }
  return appended;
}

/** A proof of freshness asks for it: the log may lose it before any follower has seen it. */
function noteAppended({ kept }: RevocationsOf, at: Mark, isNew: boolean): void {
  const { appended } = kept;
  if (appended?.incarnation !== at.incarnation || isAfter(at.id, appended.id)) {
    kept.appended = at;
  }
  if (isNew) {
    noteKnown(kept, at.incarnation, [at.id]);
  }
}

function keepArgument(keep: Keep): number | "greatest" {
  if (keep === "for-good") {
    return UNBOUNDED;
  }
  return keep === "greatest-lifetime" ? "greatest" : keep;
}
