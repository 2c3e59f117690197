import { randomUUID } from "node:crypto";
import type { KeyringStore } from "../../core/ports.ts";
import { awaitedIn, unhealedStore } from "./awaited.ts";
import type { KeptKeyring } from "./kept.ts";
import { isKeyringNoted } from "./keyring-loss.ts";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { otherKeyring } from "./other-keyring.ts";
import { answered, storeUnavailable } from "./redis-error.ts";
import { lost, type RevocationsOf } from "./revocations.ts";
import { decodeSwap } from "./script-replies.ts";

const WHAT = "its keyring";

/** The keyring lies apart from the revocations, in a slot of its own: it names the incarnation of the store that it belongs to. */
export function redisKeyrings(from: RevocationsOf): KeyringStore {
  const { connections, gate, kept, address } = from;
  const { commands } = connections;
  let notedIn: string | undefined;

  /** @throws AssayError `store_unavailable` where instances that hold one are still to put it back */
  async function refuseIfAwaited(): Promise<void> {
    const awaited = await awaitedIn(commands);
    if (awaited !== undefined) {
      throw storeUnavailable(unhealedStore(address, awaited));
    }
  }

  /** Nothing that is known of tokens and revocations here is known under them. */
  function other(incarnation: string): Error {
    const sentence = otherKeyring(address, incarnation);
    if (gate.known() === incarnation) {
      gate.shut(sentence);
    }
    return storeUnavailable(sentence);
  }

  return {
    async read() {
      const { incarnation } = gate.pass();
      const latest = kept.keyring;
      const isNoted = notedIn === incarnation || (await isKeyringNoted(commands));
      const [of, version, records, root] = await answered(
        commands.hmget(KEYRING, "incarnation", "version", "records", "root"),
      );
      if (!isNoted && of === null && version === null) {
        await refuseIfAwaited();
        return { version: 0, records: "" };
      }
      const isWhole = /^[1-9]\d*$/.test(version ?? "") && typeof records === "string" && typeof root === "string";
      if (of !== incarnation || !isWhole) {
        throw lost(from, incarnation, WHAT);
      }
      if (!isNoted) {
        await connections.durably("assayNoteKeyring", REVOCATIONS.meta, incarnation);
      }
      notedIn = incarnation;
      if (latest !== undefined && latest.root !== root) {
        throw other(incarnation);
      }
      const found = { incarnation, version: Number(version), records, root };
      if (latest?.incarnation === incarnation && found.version < latest.version) {
        await restoreKeyring(from, found.version, latest);
        return { version: latest.version, records: latest.records };
      }
      keep(found);
      return { version: found.version, records };
    },
    async swap(version, records) {
      const { incarnation } = gate.pass();
      if (version === 0) {
        await refuseIfAwaited();
      }
      const reply = decodeSwap(
        await connections.durably("assaySwapKeyring", KEYRING, incarnation, version, records, randomUUID()),
      );
      if (reply.outcome === "lost") {
        throw lost(from, incarnation, WHAT);
      }
      if (reply.outcome === "swapped") {
        keep({ incarnation, version: version + 1, records, root: reply.root });
      }
      return reply.outcome === "swapped";
    },
  };

  /** The latest; never one of another root. */
  function keep(found: KeptKeyring): void {
    const { keyring } = kept;
    if (keyring === undefined || (keyring.root === found.root && keyring.version < found.version)) {
      kept.keyring = found;
    }
  }
}

/**
 * A failover may lose a change that others have taken over: signing with its keys, or rid of a revoked one.
 * @throws AssayError `store_unavailable`: to be read again
 */
async function restoreKeyring(
  { connections, address, log }: RevocationsOf,
  replaced: number,
  { incarnation, version, records, root }: KeptKeyring,
): Promise<void> {
  const put = [incarnation, replaced, version, records, root] as const;
  const reply = await connections.durably("assayRestoreKeyring", KEYRING, ...put);
  if (reply !== 1) {
    throw storeUnavailable("the keyring went back, and was changed while it was put back");
  }
  const message =
    `The store at ${address} had gone back to an older keyring (version ${replaced}): this instance put the one that it knows back ` +
    `(version ${version}). Find out why: a failover without enough replicas, an old backup, a lost disk.`;
  log({ level: "error", event: "store_rollback", message });
}
