import { KEYRING, REVOCATIONS } from "./keys.ts";
import { putBackRevocations } from "./put-back.ts";
import { answered } from "./redis-error.ts";
import type { RevocationsOf } from "./revocations.ts";

/**
 * Goes over to a store that an operator made in place of the one that this instance knew: puts back the keyring, where the store has
 * none, and the revocations.
 * @throws AssayError `store_unavailable`, `store_full`: to be done again
 */
export async function adoptStore(of: RevocationsOf, former: string, incarnation: string): Promise<void> {
  await putBackKeyring(of, incarnation);
  const { taken } = of.kept;
  const lost = taken?.incarnation === former ? taken : undefined;
  const { put, expired } = await putBackRevocations(of, { incarnation, lost });
  of.log({
    level: "error",
    event: "store_healed",
    message:
      `The store at ${of.address} was made anew by its operator: this instance went over to it, and put back ${put} revocations ` +
      `(${expired} more had expired). What no running instance held is lost.`,
  });
}

async function putBackKeyring({ connections, kept }: RevocationsOf, incarnation: string): Promise<void> {
  if (kept.keyring === undefined || kept.keyring.version === 0) {
    return;
  }
  const { version, records } = kept.keyring;
  await connections.durably("assayPutBackKeyring", KEYRING, incarnation, version, records);
  if ((await answered(connections.commands.hget(KEYRING, "incarnation"))) === incarnation) {
    await connections.durably("assayNoteKeyring", REVOCATIONS.meta, incarnation);
  }
}
