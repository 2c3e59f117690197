import type { Ending } from "./follow-session.ts";
import { putBackRevocations } from "./put-back.ts";
import type { RevocationsOf } from "./revocations.ts";

/**
 * Puts back what the view holds, where the store lost it: when its log had gone back in time, when the store had gone and is there again,
 * perhaps from a backup, and when its log no longer tells. May be done again.
 * @param ending of what followed before
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function heal(of: RevocationsOf, incarnation: string, ending: Ending | undefined): Promise<void> {
  const { taken } = of.kept;
  const isNothingLost = ending === undefined || ending === "replaced" || ending === "unhealed";
  if (isNothingLost || taken?.incarnation !== incarnation) {
    return;
  }
  const { put, expired } = await putBackRevocations(of, {
    incarnation,
    lost: ending === "trimmed" ? undefined : taken,
  });
  // Asked for no more: what it lost of this instance's own has just been put back.
  of.kept.appended = undefined;
  if (put > 0 && ending === "lost") {
    of.log({ level: "error", event: "store_rollback", message: restored(of.address) });
  }
  if (put > 0 || ending === "gone back") {
    of.log({ level: "warn", event: "store_healed", message: healed(of.address, put, expired) });
  }
}

function restored(address: string): string {
  return (
    `The store at ${address} had gone, and came back without revocations that it had acknowledged: from an old backup, or an old disk. ` +
    "What no running instance held of them is forgotten."
  );
}

function healed(address: string, put: number, expired: number): string {
  return (
    `The store at ${address} had gone back in time and has been healed: this instance put back ${put} revocations, ` +
    `and left out ${expired} that have expired.`
  );
}
