/** Whether the Redis at the other end of a fresh connection may be used: the whole of what is asked before the store opens. */
import { randomUUID } from "node:crypto";
import type { Durability } from "../../core/revocation-log.ts";
import { newerVersion, refusal } from "../refusal.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { awaitedIn, unhealedStore } from "./awaited.ts";
import type { RedisConnections } from "./connections.ts";
import { isKeyringLost } from "./keyring-loss.ts";
import type { Kept } from "./kept.ts";
import { REVOCATIONS } from "./keys.ts";
import { lostStore } from "./lost-store.ts";
import { hasOtherKeyring, otherKeyring } from "./other-keyring.ts";
import { decodeOpen } from "./script-replies.ts";

export type Expectations = {
  address: string;
  greatestLifetimeMs: number;
  /** Goes over to a store that an operator made in place of the former one: puts back what was lost, where it can. */
  adopt(former: string, incarnation: string): Promise<void>;
  kept: Kept;
};

export type OpenStore = { incarnation: string; durability: Durability };

/**
 * `unfit` is a sentence that says what is wrong and how to mend it.
 * `isPassing`: it may mend itself, so that a start need not be refused.
 */
export type Unfit = { unfit: string; isPassing?: boolean };

export type Assessment = { open: OpenStore } | Unfit;

/** What may change under a store that is open. */
export type SafetyAssessment = { durability: Durability } | Unfit;

/**
 * @param safety whether it keeps what it acknowledges, and its clock agrees
 * @param known the incarnation seen before, if any: then only one that an operator made in its place will do
 */
export async function assess(
  connections: RedisConnections,
  wanted: Expectations,
  safety: SafetyAssessment,
  known: string | undefined,
): Promise<Assessment> {
  if ("unfit" in safety) {
    return safety;
  }
  const identity = await openOrMake(connections, wanted, known);
  if ("unfit" in identity) {
    return identity;
  }
  const { incarnation } = identity;
  if (known !== undefined && incarnation !== known) {
    await wanted.adopt(known, incarnation);
  }
  if (await hasOtherKeyring(connections.commands, wanted.kept)) {
    return { unfit: otherKeyring(wanted.address, known) };
  }
  // Before the keyring is missed, which will be put back too.
  const awaited = await awaitedIn(connections.commands);
  if (awaited !== undefined) {
    return { unfit: unhealedStore(wanted.address, awaited), isPassing: true };
  }
  if (await isKeyringLost(connections.commands, incarnation)) {
    return { unfit: lostStore("its keyring", wanted.address, incarnation) };
  }
  await connections.run("assayRaiseGreatestLifetime", REVOCATIONS.meta, wanted.greatestLifetimeMs);
  return { open: { incarnation, durability: safety.durability } };
}

async function openOrMake(
  connections: RedisConnections,
  { address, greatestLifetimeMs }: Expectations,
  known: string | undefined,
): Promise<{ incarnation: string } | Unfit> {
  const { log, live, meta } = REVOCATIONS;
  const mayMake = known === undefined ? "1" : "0";
  const made = [SCHEMA_VERSION, randomUUID(), greatestLifetimeMs, mayMake] as const;
  const reply = decodeOpen(await connections.run("assayOpenStoreBuffer", log, live, meta, ...made));
  if (reply.store === "newer") {
    return { unfit: newerVersion(reply.schemaVersion, address) };
  }
  if (reply.store !== "there") {
    return { unfit: lostStore(reply.store === "absent" ? "everything it held" : "a part of itself", address, known) };
  }
  const sentence = refusal(reply.identity, address);
  if (sentence !== undefined) {
    return { unfit: sentence };
  }
  const { incarnation } = reply.identity;
  if (known !== undefined && incarnation !== known && !reply.predecessors.includes(known)) {
    return { unfit: otherIncarnation(address, known) };
  }
  return { incarnation };
}

function otherIncarnation(address: string, known: string): string {
  return (
    `The store at ${address} is not the one that this instance opened, but one made since: revocations may be missing, so it stays closed. ` +
    `Restore the former store; or let this instance put back what it holds, with \`assay store accept-loss --predecessor ${known}\`; ` +
    "or restart it to accept the new one without that."
  );
}
