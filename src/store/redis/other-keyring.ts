import type { Cluster, Redis } from "ioredis";
import type { Kept } from "./kept.ts";
import { KEYRING } from "./keys.ts";
import { answered } from "./redis-error.ts";

/** Whether the store has a keyring that is not the one that this instance knows, however changed. */
export async function hasOtherKeyring(redis: Cluster | Redis, { keyring }: Kept): Promise<boolean> {
  if (keyring === undefined) {
    return false;
  }
  const root = await answered(redis.hget(KEYRING, "root"));
  return root !== null && root !== keyring.root;
}

/** What an operator is told who must decide. @param known the incarnation whose keyring this instance knows */
export function otherKeyring(address: string, known: string | undefined): string {
  return (
    `The store at ${address} has other keys than those that this instance knows: what it holds means nothing under them, so it stays closed and puts nothing back. ` +
    `To have the former keys back: stop the instances that use the new ones, remove the store (all keys assay:* in Redis), and run \`assay store accept-loss --predecessor ${known ?? "INCARNATION"}\` while this one still runs. ` +
    "Or let them go: restart this instance."
  );
}
