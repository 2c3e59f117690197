import type { HeldRevocation } from "../../core/revocation-log.ts";
import { GREATEST_NOTED, knownOf, type Mark } from "./kept.ts";
import { REVOCATIONS } from "./keys.ts";
import { decodePutBack } from "./log-replies.ts";
import { storeUnavailable } from "./redis-error.ts";
import { writeHeld } from "./revocation-bytes.ts";
import type { RevocationsOf } from "./revocations.ts";
import { isAfter, NOWHERE } from "./taken.ts";

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
 * Puts back every revocation of the view that the store lacks or holds weaker, then notes that it was healed, and which
 * entries were known: one that this instance has never seen, lost before it began to follow, is none of them.
 * May be done again, and by any number of instances at once.
 * @throws AssayError `store_unavailable`, `store_full`
 */
export async function putBackRevocations(of: RevocationsOf, { incarnation, lost }: Healing): Promise<PutBack> {
  // Noted before the view is stepped through, which held them by then.
  const known = knownOf(of.kept, lost?.incarnation);
  const sum = { put: 0, expired: 0 };
  for (const batch of batches(of.kept.held())) {
    const { put, expired } = await putBatch(of, incarnation, batch);
    sum.put += put;
    sum.expired += expired;
  }
  if (lost !== undefined) {
    const { meta, log } = REVOCATIONS;
    const upTo = lost.incarnation === incarnation ? NOWHERE : beforeAll(lost, known);
    const noted = [lost.incarnation, upTo, known.join(","), GREATEST_NOTED] as const;
    await of.connections.durably("assayNoteHealed", meta, log, incarnation, ...noted);
  }
  return sum;
}

/** Of a predecessor's log what came before is no more told one by one than what was trimmed. */
function beforeAll({ id: taken }: Mark, known: readonly string[]): string {
  // Nothing was read yet of a log in which nothing has been taken.
  return taken === NOWHERE ? NOWHERE : known.reduce((first, id) => (isAfter(first, id) ? id : first), taken);
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
