import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../core/ports.ts";
import type { HeldRevocation, RevocationFollower } from "../../core/revocation-log.ts";
import type { Connection } from "./connection.ts";
import type { Position } from "./position.ts";
import { commonTime, isLacking } from "./put-back.ts";
import type { Writer } from "./writer.ts";

export type HealOf = { reader: Connection; writer: Writer; clock: Clock };

const BATCH = 500;

/**
 * Puts back what the follower holds and the live set lacks or holds weaker. Several may do so at once: the stronger wins.
 * @param last where the follower was in the log that is lost; undefined where that is not known
 * @returns how many were put back
 */
export async function heal(of: HealOf, follower: RevocationFollower, last: Position | undefined): Promise<number> {
  const { reader, writer, clock } = of;
  const from = last && commonTime(reader, last);
  let count = 0;
  for (const batch of batches(follower.held())) {
    const now = clock.now();
    const revocations = batch.filter((held) => isLacking(reader, held, now));
    if (revocations.length > 0) {
      count += await writer.write("putBack", { revocations, now });
    }
    await nextTurn();
  }
  if (last !== undefined && from !== undefined) await writer.write("noteHealing", { from, to: last });
  return count;
}

function* batches(held: Iterable<HeldRevocation>): Generator<HeldRevocation[]> {
  let batch: HeldRevocation[] = [];
  for (const one of held) {
    batch.push(one);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}
