import type { Cluster, Redis } from "ioredis";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { answered } from "./redis-error.ts";

/** Whether there was a keyring that is not there any more, or is another store's. */
export async function isKeyringLost(redis: Cluster | Redis, incarnation: string): Promise<boolean> {
  const isNoted = await isKeyringNoted(redis);
  const of = await answered(redis.hget(KEYRING, "incarnation"));
  return of === null ? isNoted : of !== incarnation;
}

/** Asked before the keyring itself, which is made before it is noted: what is noted and absent has been lost. */
export async function isKeyringNoted(redis: Cluster | Redis): Promise<boolean> {
  return (await answered(redis.hget(REVOCATIONS.meta, "keyring"))) !== null;
}
