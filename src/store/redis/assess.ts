/** Whether the Redis at the other end of a fresh connection may be used: the whole of what is asked before the store opens. */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Durability } from "../../core/ports.ts";
import { damaged, newerVersion, refusal } from "../refusal.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { isKeyringLost } from "./keyring-loss.ts";
import { REVOCATIONS } from "./keys.ts";
import { isPrimary, readSafety } from "./safety.ts";
import { decodeOpen } from "./script-replies.ts";

export type Expectations = {
  address: string;
  greatestLifetimeMs: number;
  allowVolatile: boolean;
  attestDurable: boolean;
};

export type OpenStore = { incarnation: string; durability: Durability };

/** `unfit` is a sentence that says what is wrong and how to mend it. */
export type Assessment = { open: OpenStore } | { unfit: string };

/** What may change under a store that is open. */
export type SafetyAssessment = { durability: Durability } | { unfit: string };

/** @param known the incarnation seen before, if any: then no other will do, and none is made */
export async function assess(redis: Redis, wanted: Expectations, known: string | undefined): Promise<Assessment> {
  const safety = await assessSafety(redis, wanted);
  if ("unfit" in safety) {
    return safety;
  }
  const identity = await openOrMake(redis, wanted, known);
  if ("unfit" in identity) {
    return identity;
  }
  if (await isKeyringLost(redis, identity.incarnation)) {
    return { unfit: damaged("its keyring", wanted.address) };
  }
  await redis.assayRaiseGreatestLifetime(REVOCATIONS.meta, wanted.greatestLifetimeMs);
  return { open: { incarnation: identity.incarnation, durability: safety.durability } };
}

/** Whether it takes writes and keeps them: nobody asks Assay before a CONFIG SET or a demotion. */
export async function assessSafety(redis: Redis, wanted: Expectations): Promise<SafetyAssessment> {
  if (!(await isPrimary(redis))) {
    return {
      unfit: `The Redis at ${wanted.address} is a replica: it may lag behind and refuses writes. Name its primary in store.url.`,
    };
  }
  return reachableDurability(redis, wanted);
}

async function reachableDurability(
  redis: Redis,
  { address, allowVolatile, attestDurable }: Expectations,
): Promise<SafetyAssessment> {
  const safety = await readSafety(redis);
  if (safety.settings === "safe" || (safety.settings === "hidden" && attestDurable)) {
    return { durability: "local" };
  }
  if (allowVolatile) {
    return { durability: "volatile" };
  }
  if (safety.settings === "hidden") {
    return {
      unfit:
        `The Redis at ${address} does not let this user read its settings (CONFIG GET is forbidden or renamed), so its durability cannot be checked. ` +
        "Allow +config|get, or attest that it keeps what it acknowledges with store.attest_durable: true (ASSAY_STORE_ATTEST_DURABLE=true).",
    };
  }
  return {
    unfit:
      `The Redis at ${address} may lose or evict acknowledged revocations: ${safety.faults.join("; ")}. ` +
      "Change these settings in redis.conf, or with CONFIG SET and CONFIG REWRITE. " +
      "For a trial only, accept the loss with store.unsafe_allow_volatile: true (ASSAY_STORE_UNSAFE_ALLOW_VOLATILE=true).",
  };
}

async function openOrMake(
  redis: Redis,
  { address, greatestLifetimeMs }: Expectations,
  known: string | undefined,
): Promise<{ incarnation: string } | { unfit: string }> {
  const { log, live, meta } = REVOCATIONS;
  const mayMake = known === undefined ? "1" : "0";
  const reply = decodeOpen(
    await redis.assayOpenStoreBuffer(log, live, meta, SCHEMA_VERSION, randomUUID(), greatestLifetimeMs, mayMake),
  );
  if (reply.store === "newer") {
    return { unfit: newerVersion(reply.schemaVersion, address) };
  }
  if (reply.store !== "there") {
    return { unfit: damaged(reply.store === "absent" ? "everything it held" : "a part of itself", address) };
  }
  const sentence = refusal(reply.identity, address);
  if (sentence !== undefined) {
    return { unfit: sentence };
  }
  if (known !== undefined && reply.identity.incarnation !== known) {
    return { unfit: otherIncarnation(address) };
  }
  return { incarnation: reply.identity.incarnation };
}

function otherIncarnation(address: string): string {
  return (
    `The store at ${address} is not the one that this instance opened, but one made since: revocations may be missing, so it stays closed. ` +
    "Restore the former store, or restart this instance to accept the new one."
  );
}
