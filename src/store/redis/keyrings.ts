import type { KeyringStore, StoredKeyring } from "../../core/ports.ts";
import { isKeyringNoted } from "./keyring-loss.ts";
import type { Kept } from "./kept.ts";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { lostStore } from "./lost-store.ts";
import { answered, storeUnavailable } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";
import { decodeSwap } from "./script-replies.ts";

/** The keyring lies apart from the revocations, in a slot of its own: it names the incarnation of the store that it belongs to. */
export function redisKeyrings(from: RevocationsOf): KeyringStore {
  const { connections, gate, kept, address } = from;
  const { commands } = connections;
  let isNoted = false;

  function lost(): Error {
    const sentence = lostStore("its keyring", address, gate.known());
    gate.shut(sentence);
    return storeUnavailable(sentence);
  }

  function latestIn(incarnation: string): Kept["keyring"] {
    return kept.keyring?.incarnation === incarnation ? kept.keyring : undefined;
  }

  return {
    async read() {
      const { incarnation } = gate.pass();
      const latest = latestIn(incarnation);
      isNoted ||= await isKeyringNoted(commands);
      const [of, version, records] = await answered(commands.hmget(KEYRING, "incarnation", "version", "records"));
      if (!isNoted && of === null && version === null) {
        return { version: 0, records: "" };
      }
      if (of !== incarnation || !/^[1-9]\d*$/.test(version ?? "") || typeof records !== "string") {
        throw lost();
      }
      if (!isNoted) {
        await connections.durably("assayNoteKeyring", REVOCATIONS.meta, incarnation);
      }
      const found = { version: Number(version), records };
      if (latest !== undefined && found.version < latest.version) {
        await restoreKeyring(from, found.version, latest);
        return { version: latest.version, records: latest.records };
      }
      if (found.version > (latestIn(incarnation)?.version ?? 0)) {
        kept.keyring = { incarnation, ...found };
      }
      return found;
    },
    async swap(version, records) {
      const { incarnation } = gate.pass();
      const reply = await connections.durably("assaySwapKeyring", KEYRING, incarnation, version, records);
      const swapped = decodeSwap(reply);
      if (swapped === undefined) {
        throw lost();
      }
      if (swapped) {
        kept.keyring = { incarnation, version: version + 1, records };
      }
      return swapped;
    },
  };
}

/**
 * A failover may lose a change that others have taken over: signing with its keys, or rid of a revoked one.
 * @throws AssayError `store_unavailable`: to be read again
 */
async function restoreKeyring(
  { connections, address, log }: RevocationsOf,
  replaced: number,
  { incarnation, version, records }: StoredKeyring & { incarnation: string },
): Promise<void> {
  const reply = await connections.durably("assayRestoreKeyring", KEYRING, incarnation, replaced, version, records);
  if (reply !== 1) {
    throw storeUnavailable("the keyring went back, and was changed while it was put back");
  }
  const message =
    `The store at ${address} had gone back to an older keyring (version ${replaced}): this instance put the one that it knows back ` +
    `(version ${version}). Find out why: a failover without enough replicas, an old backup, a lost disk.`;
  log({ level: "error", event: "store_rollback", message });
}
