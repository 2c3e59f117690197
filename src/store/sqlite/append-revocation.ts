import type { Keep, Revocation } from "../../core/ports.ts";
import { KEEP_MARGIN_MS } from "../retention.ts";
import type { Connection } from "./connection.ts";
import { integer, integerOrNull } from "./row.ts";
import { immediately } from "./transaction.ts";

/** `null` is the strongest: a revocation without cut-off is absolute, one without end is kept for good. */
type Strength = { cutOff: number | null; keepUntil: number | null };

/** @returns the position in the log: the new entry's, or the head when the live set already holds one as strong. */
export function appendRevocation(connection: Connection, revocation: Revocation, now: number): number {
  const { database, statements } = connection;
  return immediately(database, () => {
    const { digest, sealed } = revocation;
    const held = liveStrength(connection, digest);
    const asked = { cutOff: revocation.cutOff ?? null, keepUntil: keepUntil(connection, revocation.keep, now) };
    const merged = held === undefined ? asked : stronger(held, asked);
    if (held?.cutOff === merged.cutOff && held.keepUntil === merged.keepUntil) {
      return integer(statements.logHead.get() ?? {}, "position");
    }
    statements.livePut.run(digest, merged.cutOff, merged.keepUntil, sealed);
    const entry = statements.logAppend.get(now, digest, merged.cutOff, merged.keepUntil, sealed);
    return integer(entry ?? {}, "position");
  });
}

function liveStrength({ statements }: Connection, digest: Buffer): Strength | undefined {
  const row = statements.liveRead.get(digest);
  return row && { cutOff: integerOrNull(row, "cut_off"), keepUntil: integerOrNull(row, "keep_until") };
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

function stronger(one: Strength, other: Strength): Strength {
  return {
    cutOff: later(one.cutOff, other.cutOff),
    keepUntil: later(one.keepUntil, other.keepUntil),
  };
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
