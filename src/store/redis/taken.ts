/** What has been taken of the log, entry by entry, so that a log that has gone back in time never passes for one that went on. */
import type { LogEntry } from "./revocation-bytes.ts";

/** An id of a Redis stream, `MILLISECONDS-SEQUENCE`, and whom its entry names: two timelines of a store may give one id twice. */
export type Place = {
  id: string;
  /** Empty where it is not known. */
  digest: Buffer;
};

/** Before every entry. */
export const NOWHERE = "0-0";

export type Taken = {
  /** What the last proof has seen in the log: the next one starts here. */
  proven: Place;
  /** What came since, from a read that proves nothing: the next proof must bring it again. */
  ahead: LogEntry[];
};

/** What is known of the log after an entry. */
export function placeOf({ id, revocation }: LogEntry): Place {
  return { id, digest: revocation?.digest ?? Buffer.alloc(0) };
}

/** The id of the last entry taken. */
export function lastId({ proven, ahead }: Taken): string {
  return ahead.at(-1)?.id ?? proven.id;
}

/** Takes what a read from `lastId` brought. @returns what is new: a proof may have brought some of it meanwhile */
export function runAhead(taken: Taken, entries: readonly LogEntry[]): readonly LogEntry[] {
  const last = lastId(taken);
  const first = entries.findIndex(({ id }) => isAfter(id, last));
  const fresh = first < 0 ? [] : entries.slice(first);
  taken.ahead.push(...fresh);
  return fresh;
}

/**
 * Takes what a proof brought from `proven`.
 * @param known how many entries were ahead when the proof was sent
 * @returns what is new; undefined when an entry that was taken is not there
 */
export function catchUp(
  taken: Taken,
  entries: readonly LogEntry[],
  known: number,
  isAll: boolean,
): readonly LogEntry[] | undefined {
  const { ahead } = taken;
  if ((isAll && entries.length < known) || !entries.every((entry, place) => isSame(entry, ahead[place]))) {
    return undefined;
  }
  const last = entries.at(-1);
  if (last !== undefined) {
    taken.proven = placeOf(last);
  }
  const fresh = entries.slice(ahead.length);
  taken.ahead = ahead.slice(entries.length);
  return fresh;
}

export function isAfter(id: string, other: string): boolean {
  const [time, sequence] = parts(id);
  const [otherTime, otherSequence] = parts(other);
  return time > otherTime || (time === otherTime && sequence > otherSequence);
}

function isSame(entry: LogEntry, taken: LogEntry | undefined): boolean {
  if (taken === undefined) {
    return true;
  }
  return entry.id === taken.id && placeOf(entry).digest.equals(placeOf(taken).digest);
}

function parts(id: string): [time: number, sequence: number] {
  const dash = id.indexOf("-");
  return [Number(id.slice(0, dash)), Number(id.slice(dash + 1))];
}
