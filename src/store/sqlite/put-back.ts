import type { HeldRevocation } from "../../core/revocation-log.ts";
import { liveStrength, merge, stronger } from "./append-revocation.ts";
import type { Connection } from "./connection.ts";
import type { Position } from "./position.ts";
import { integer, integerOrNull } from "./row.ts";

/** The sealed part is known to nobody any more. */
const NOTHING_SEALED = Buffer.alloc(0);

/** Inside a transaction: what the live set lacks or holds weaker, and has not expired. @returns how many were put back */
export function putBack(connection: Connection, revocations: readonly HeldRevocation[], now: number): number {
  const lacking = revocations.filter((held) => isLacking(connection, held, now));
  for (const { digest, cutOff = null, keepUntil = null } of lacking) {
    merge(connection, { digest, cutOff, keepUntil, sealed: NOTHING_SEALED }, now);
  }
  return lacking.length;
}

export function isLacking(connection: Connection, held: HeldRevocation, now: number): boolean {
  const { digest, cutOff = null, keepUntil = null } = held;
  if (keepUntil !== null && keepUntil <= now) {
    return false;
  }
  const live = liveStrength(connection, digest);
  if (live === undefined) {
    return true;
  }
  const merged = stronger(live, { cutOff, keepUntil });
  return merged.cutOff !== live.cutOff || merged.keepUntil !== live.keepUntil;
}

/**
 * Inside a transaction, after all was put back: entries of the lost part of the log, from the last that is left of it up to the
 * healer's last, count as reached from now on.
 */
export function noteHealing({ statements }: Connection, from: number, to: Position): void {
  statements.healingNote.run(from, to.position, to.at);
}

/** The time of the last entry that the log and a healer, who had followed it up to `last`, have in common, as far as it can be known. */
export function commonTime({ statements }: Connection, last: Position): number {
  return integerOrNull(statements.commonTime.get(last.at) ?? {}, "at") ?? 0;
}

/** Whether a lost entry was put back by one who knew it. */
export function isHealed({ statements }: Connection, { position, at }: Position): boolean {
  return integer(statements.isHealed.get(at, position, at) ?? {}, "is_healed") === 1;
}
