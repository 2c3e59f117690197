import type { HeldRevocation } from "../../core/revocation-log.ts";
import { GREATEST_NOTED, type Mark, notTaken } from "./kept.ts";
import { REVOCATIONS } from "./keys.ts";
import { decodePutBack } from "./log-replies.ts";
import { storeUnavailable } from "./redis-error.ts";
import { writeHeld } from "./revocation-bytes.ts";
import type { RevocationsOf } from "./revocations.ts";

export type Healing = {
  /** The store that is healed. */
  incarnation: string;
  /** What was lost: its own log, or a predecessor's, of which everything up to an entry had been taken. Undefined: unknown. */
  lost: Mark | undefined;
};

export type PutBack = { put: number; expired: number };

/** How many go with one script: Redis serves nobody else meanwhile. */
const BATCH = 300;

/**
 * Puts back every revocation of the view that the store lacks or holds weaker, then notes that, and up to where, it was healed.
 * May be done again, and by any number of instances at once.
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function putBackRevocations(of: RevocationsOf, { incarnation, lost }: Healing): Promise<PutBack> {
  // Noted before the view is stepped through, which held them by then.
  const own = notTaken(of.kept.ownUntaken, lost).flatMap((mark) =>
    mark.incarnation === lost?.incarnation ? mark.id : [],
  );
  const sum = { put: 0, expired: 0 };
  for (const batch of batches(of.kept.held())) {
    const { put, expired } = await putBatch(of, incarnation, batch);
    sum.put += put;
    sum.expired += expired;
  }
  if (lost !== undefined) {
    const noted = [lost.incarnation, lost.id, own.join(","), GREATEST_NOTED] as const;
    await of.connections.durably("assayNoteHealed", REVOCATIONS.meta, incarnation, ...noted);
  }
  return sum;
}

async function putBatch(
  { connections, clock }: RevocationsOf,
  incarnation: string,
  batch: readonly HeldRevocation[],
): Promise<PutBack> {
  const { log, live, expiry, meta } = REVOCATIONS;
  const now = clock.now();
  const reply = await connections.durably("assayPutBack", log, live, expiry, meta, incarnation, now, writeHeld(batch));
  const done = decodePutBack(reply);
  if (done === undefined) {
    throw storeUnavailable("the store was lost again, or replaced, while it was being healed");
  }
  return done;
}

function* batches(held: Iterable<HeldRevocation>): Generator<readonly HeldRevocation[]> {
  let batch: HeldRevocation[] = [];
  for (const one of held) {
    batch.push(one);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
