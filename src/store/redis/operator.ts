/** What only an operator decides: that a store is to be there, and that what it has lost is lost. */
import { randomUUID } from "node:crypto";
import { StartError } from "../../core/start-error.ts";
import { newerVersion, refusal } from "../refusal.ts";
import { SCHEMA_VERSION } from "../schema-version.ts";
import { connected } from "./connected.ts";
import type { ConnectionSettings, RedisConnections } from "./connections.ts";
import { isKeyringLost } from "./keyring-loss.ts";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { lostStore } from "./lost-store.ts";
import { answered } from "./redis-error.ts";
import { decodeAcceptLoss, decodeOpen } from "./script-replies.ts";

export type OperatorOptions = ConnectionSettings & {
  /** The greatest lifetime of any token that a revocation must outlast, leeway included, in milliseconds. */
  greatestLifetimeMs: number;
};

export type Accepted = {
  incarnation: string;
  /** Whose followers may go over to it. Empty: none can, and what running instances hold is not put back. */
  predecessors: readonly string[];
};

/**
 * Makes a store where there is nothing at all.
 * @returns its incarnation, and whether it was made now
 * @throws StartError when there is a store that cannot be used, or Redis cannot be reached
 */
export async function initRedisStore(options: OperatorOptions): Promise<{ incarnation: string; isNew: boolean }> {
  return connected(options, async (connections) => {
    const { log, live, meta } = REVOCATIONS;
    const mine = randomUUID();
    const made = [SCHEMA_VERSION, mine, options.greatestLifetimeMs, "1"] as const;
    const reply = decodeOpen(await connections.durably("assayOpenStoreBuffer", log, live, meta, ...made));
    if (reply.store === "newer") {
      throw new StartError(newerVersion(reply.schemaVersion, connections.address));
    }
    if (reply.store !== "there") {
      throw new StartError(lostStore("a part of itself", connections.address, undefined));
    }
    const sentence = refusal(reply.identity, connections.address);
    if (sentence !== undefined) {
      throw new StartError(sentence);
    }
    const { incarnation } = reply.identity;
    return { incarnation, isNew: incarnation === mine };
  });
}

/**
 * Makes a store anew of what is left of one that lost everything or a part, or takes the one that an instance has made since: running instances that knew it go over to the new one, and
 * put back the keyring and the revocations that they still hold.
 * @param predecessor the incarnation that was lost, as instances name it; needed where nothing is left that tells it
 * @param isNobodyLeft who held what was lost: else the store stays closed until an instance has put it back
 * @returns undefined when nothing is missing: then nothing was done
 * @throws StartError when the store is of another version, has made keys of its own since, or Redis cannot be reached
 */
export async function acceptLoss(
  options: OperatorOptions,
  predecessor?: string,
  isNobodyLeft = false,
): Promise<Accepted | undefined> {
  return connected(options, async (connections) => {
    const { log, live, meta } = REVOCATIONS;
    const former = await answered(connections.commands.hget(meta, "incarnation"));
    const isThere = (await answered(connections.commands.exists(KEYRING))) === 1;
    const isNameless = former === null && isThere;
    const isLost = isNameless || (former !== null && (await isKeyringLost(connections.commands, former)));
    const made = [SCHEMA_VERSION, randomUUID(), options.greatestLifetimeMs, predecessor ?? ""] as const;
    const told = [flag(isLost), flag(isThere), flag(isNobodyLeft)] as const;
    const reply = decodeAcceptLoss(await connections.durably("assayAcceptLoss", log, live, meta, ...made, ...told));
    if (reply.outcome === "other version") {
      throw otherVersion(reply.schemaVersion, connections.address);
    }
    if (reply.outcome === "has other keys") {
      throw hasOtherKeys(connections.address, predecessor ?? "another store");
    }
    if (reply.outcome === "whole") {
      return undefined;
    }
    await labelKeyring(connections, reply.incarnation);
    return { incarnation: reply.incarnation, predecessors: reply.predecessors };
  });
}

function flag(is: boolean): "0" | "1" {
  return is ? "1" : "0";
}

function otherVersion(schemaVersion: number, address: string): StartError {
  return new StartError(refusal({ schemaVersion, incarnation: "" }, address) ?? newerVersion(schemaVersion, address));
}

/** Revocations are known by digests under a key of the keyring. */
function hasOtherKeys(address: string, predecessor: string): StartError {
  return new StartError(
    `The store at ${address} lacks nothing, and has made keys of its own since ${predecessor} was lost: what instances of that one hold means nothing under them, so nothing was done. ` +
      "To have it back: Stop the instances that use the new store, remove it (all keys assay:* in Redis), and say the same again while those that hold the lost one still run; tokens issued since become inactive. " +
      "Or let it go: restart the instances that stay closed. Assay's own tokens from before are inactive then; what was revoked of other issuers is forgotten, and has to be revoked again.",
  );
}

/** What is left of the keyring belongs to the new store. */
async function labelKeyring(connections: RedisConnections, incarnation: string): Promise<void> {
  await connections.durably("assayLabelKeyring", KEYRING, incarnation);
  if ((await answered(connections.commands.hget(KEYRING, "incarnation"))) === incarnation) {
    await connections.durably("assayNoteKeyring", REVOCATIONS.meta, incarnation);
  }
}
