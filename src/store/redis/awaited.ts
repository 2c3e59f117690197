import type { Cluster, Redis } from "ioredis";
import { REVOCATIONS } from "./keys.ts";
import { answered } from "./redis-error.ts";

/** The incarnations of lost stores that nobody has put back yet, separated by commas; undefined where there is none. */
export async function awaitedIn(redis: Cluster | Redis): Promise<string | undefined> {
  const awaited = await answered(redis.hget(REVOCATIONS.meta, "awaited"));
  return awaited === null || awaited === "" ? undefined : awaited;
}

/** What an operator is told who may have to decide. */
export function unhealedStore(address: string, awaited: string): string {
  return (
    `The store at ${address} was made in place of ${awaited}, and nobody has put back yet what was acknowledged there: it stays closed until an instance has that ran before the loss and runs still. ` +
    "Where none runs any more, say so with `assay store accept-loss --nobody-left`: what was revoked is forgotten then."
  );
}
