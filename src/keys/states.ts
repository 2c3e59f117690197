/** What state a key is in follows from the times in the records of its kind: nobody has to be there to change it. */
import type { KeyRecord } from "./key-record.ts";

/** `next`: published, used soon. `retired`: used no more, verifies until what it made is dead. `revoked`: not published any more. */
export type KeyState = "next" | "active" | "retired" | "revoked";

/** The one that was activated last; undefined when that one is revoked: no earlier key ever comes back. */
export function activeOf<Key extends KeyRecord>(kind: readonly Key[], now: number): Key | undefined {
  let latest: Key | undefined;
  for (const key of kind) {
    if (key.activatesAt <= now && (latest === undefined || inOrder(latest, key) < 0)) latest = key;
  }
  return latest?.revokedAt === undefined ? latest : undefined;
}

export function stateOf(key: KeyRecord, kind: readonly KeyRecord[], now: number): KeyState {
  if (key.revokedAt !== undefined) return "revoked";
  if (key.activatesAt > now) return "next";
  return activeOf(kind, now)?.id === key.id ? "active" : "retired";
}

/** When a key was or will be used for the last time; undefined while no successor is known. */
export function retiresAt(key: KeyRecord, kind: readonly KeyRecord[]): number | undefined {
  const ordered = byActivation(kind);
  const successor = ordered[ordered.findIndex(({ id }) => id === key.id) + 1];
  const ends = [key.revokedAt, successor?.activatesAt].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** When everything that it made is dead. */
export function removedAt(key: KeyRecord, kind: readonly KeyRecord[]): number | undefined {
  const retires = retiresAt(key, kind);
  return retires === undefined ? undefined : retires + key.keepMs;
}

export function byActivation<Key extends KeyRecord>(kind: readonly Key[]): Key[] {
  return kind.toSorted(inOrder);
}

function inOrder(a: KeyRecord, b: KeyRecord): number {
  return a.activatesAt - b.activatesAt || (a.id < b.id ? -1 : 1);
}
