import type { Keep, Revocation } from "../../core/revocation-log.ts";
import { KEEP_MARGIN_MS } from "../retention.ts";
import type { Connection } from "./connection.ts";
import { ORIGIN, type Position } from "./position.ts";
import { integer, integerOrNull, type Row } from "./row.ts";

/** `null` is the strongest: a revocation without cut-off is absolute, one without end is kept for good. */
export type Strength = { cutOff: number | null; keepUntil: number | null };

/** Where the log ends after it, and what the live set holds. */
export type Appended = Position & Strength;

/** Inside a transaction. Nothing is appended when the live set already holds one as strong. */
export function appendRevocation(connection: Connection, revocation: Revocation, now: number): Appended {
  const { digest, sealed, cutOff = null, cutOffNow } = revocation;
  // Since it was asked for, tokens may have been born.
  const cut = cutOff !== null && cutOffNow === true ? Math.max(cutOff, now) : cutOff;
  const asked = { cutOff: cut, keepUntil: keepUntil(connection, revocation.keep, now) };
  return merge(connection, { digest, sealed, ...asked }, now);
}

/** As `appendRevocation`, for a revocation whose margin is part of its end already. */
export function merge(
  connection: Connection,
  asked: Strength & { digest: Uint8Array; sealed: Uint8Array },
  now: number,
): Appended {
  const { statements } = connection;
  const { digest, sealed } = asked;
  const held = liveStrength(connection, digest);
  const merged = held === undefined ? asked : stronger(held, asked);
  const { cutOff, keepUntil: until } = merged;
  if (held?.cutOff === cutOff && held.keepUntil === until) {
    return { ...logHead(connection), cutOff, keepUntil: until };
  }
  statements.livePut.run(digest, cutOff, until, sealed);
  const entry = statements.logAppend.get(now, digest, cutOff, until, sealed);
  return { position: integer(entry ?? {}, "position"), at: now, cutOff, keepUntil: until };
}

export function liveStrength({ statements }: Connection, digest: Uint8Array): Strength | undefined {
  const row = statements.liveRead.get(digest);
  return row && strength(row);
}

export function logHead({ statements }: Connection): Position {
  const row = statements.logHead.get();
  return row === undefined ? ORIGIN : { position: integer(row, "position"), at: integer(row, "at") };
}

export function strength(row: Row): Strength {
  return { cutOff: integerOrNull(row, "cut_off"), keepUntil: integerOrNull(row, "keep_until") };
}

export function stronger(one: Strength, other: Strength): Strength {
  return {
    cutOff: later(one.cutOff, other.cutOff),
    keepUntil: later(one.keepUntil, other.keepUntil),
  };
}

/** The greatest lifetime is read in the transaction: an instance with longer ones may have started since. */
function keepUntil({ statements }: Connection, keep: Keep, now: number): number | null {
  if (keep === "for-good") {
    return null;
  }
  if (keep === "greatest-lifetime") {
    return now + integer(statements.greatestLifetime.get() ?? {}, "greatest_lifetime_ms") + KEEP_MARGIN_MS;
  }
  return keep + KEEP_MARGIN_MS;
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
