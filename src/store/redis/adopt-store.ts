import type { Kept, KeptKeyring, Mark } from "./kept.ts";
import { KEYRING, REVOCATIONS } from "./keys.ts";
import { putBackRevocations } from "./put-back.ts";
import type { RevocationsOf } from "./revocations.ts";
import { NOWHERE } from "./taken.ts";

/**
 * Goes over to a store that an operator made in place of the one that this instance knew: puts back the keyring, where the store has
 * none or an earlier one, and the revocations. Under another keyring nothing is put back: the digests would mean nothing. Neither by
 * an instance that had not read both: it would say that all is there.
 * @throws AssayError `store_unavailable`, `store_full`: to be done again
 */
export async function adoptStore(of: RevocationsOf, former: string, incarnation: string): Promise<void> {
  const { keyring, putBackInto } = of.kept;
  const isKeyringThere = keyring !== undefined && (await putBackKeyring(of, keyring, incarnation));
  const lost = heldOf(of.kept, former);
  if (!isKeyringThere || lost === undefined || putBackInto === incarnation) {
    return;
  }
  const { put, expired } = await putBackRevocations(of, { incarnation, lost });
  of.kept.putBackInto = incarnation;
  of.log({
    level: "error",
    event: "store_healed",
    message:
      `The store at ${of.address} was made anew by its operator: this instance went over to it, and put back ${put} revocations ` +
      `(${expired} more had expired). What no running instance held is lost.`,
  });
}

/** Of a store that this instance filled itself, and has not read since, it holds all but what came to the log there. */
function heldOf({ taken, putBackInto }: Kept, former: string): Mark | undefined {
  if (taken?.incarnation === former) {
    return taken;
  }
  return putBackInto === former ? { incarnation: former, id: NOWHERE } : undefined;
}

/** @returns false where the store has another */
async function putBackKeyring(of: RevocationsOf, keyring: KeptKeyring, incarnation: string): Promise<boolean> {
  const { version, records, root } = keyring;
  const { connections, kept } = of;
  const reply = await connections.durably("assayPutBackKeyring", KEYRING, incarnation, version, records, root);
  if (reply !== 1) {
    return false;
  }
  await connections.durably("assayNoteKeyring", REVOCATIONS.meta, incarnation);
  kept.keyring = { ...keyring, incarnation };
  return true;
}
