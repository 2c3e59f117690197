/** What is asked of the revocations as a whole: whether they are there, and to let go what has expired. */
import type { Clock } from "../../core/ports.ts";
import type { ServerClock } from "../server-clock.ts";
import { LOG_RETENTION_MS, PURGE_BATCH } from "../retention.ts";
import type { RedisConnections } from "./connections.ts";
import type { Gate, RedisStoreEvent } from "./gate.ts";
import type { Kept } from "./kept.ts";
import { INCARNATION_FIELD, REVOCATIONS } from "./keys.ts";
import { lostStore } from "./lost-store.ts";
import { storeUnavailable } from "./redis-error.ts";
import { decodePurge } from "./script-replies.ts";

export type RevocationsOf = {
  connections: RedisConnections;
  gate: Gate;
  /** By which things are judged. */
  clock: Clock;
  /** What is known of Redis's own. */
  serverClock: ServerClock;
  kept: Kept;
  address: string;
  /** How long a proof may take, in milliseconds. */
  timeoutMs: number;
  log: (event: RedisStoreEvent) => void;
};

const CANARY = [INCARNATION_FIELD];

/** @returns how many went. */
export async function purgeRevocations(of: RevocationsOf): Promise<number> {
  const { log, live, expiry, meta } = REVOCATIONS;
  const { incarnation } = of.gate.pass();
  const now = of.clock.now();
  const trimUpTo = Math.max(0, now - LOG_RETENTION_MS);
  const count = decodePurge(
    await of.connections.run("assayPurgeRevocations", log, live, expiry, meta, incarnation, now, trimUpTo, PURGE_BATCH),
  );
  if (count === undefined) {
    throw lost(of, incarnation);
  }
  return count;
}

/** A sentence when the live set is not there or not ours. */
export async function lossOfRevocations({ connections, gate, address }: RevocationsOf): Promise<string | undefined> {
  const { incarnation } = gate.pass();
  const [canary] = await connections.reads.fields(REVOCATIONS.live, CANARY);
  return canary?.toString() === incarnation ? undefined : lostStore("its revocations", address, incarnation);
}

/** What a read did not find is not there, unless all is lost. @throws AssayError `store_unavailable` */
export async function believeMiss(of: RevocationsOf): Promise<undefined> {
  const { incarnation } = of.gate.pass();
  if ((await lossOfRevocations(of)) !== undefined) {
    throw lost(of, incarnation);
  }
  return undefined;
}

/**
 * An empty read proves nothing: after FLUSHALL, say, everything stays closed.
 * @param incarnation that was asked for: a store to which this instance has gone over meanwhile is not the one that is lost
 */
export function lost(
  { gate, address }: Pick<RevocationsOf, "address" | "gate">,
  incarnation: string,
  what = "its revocations",
): Error {
  const sentence = lostStore(what, address, incarnation);
  if (gate.known() === incarnation) {
    gate.shut(sentence);
  }
  return storeUnavailable(sentence);
}
