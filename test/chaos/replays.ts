/** Refresh tokens that were used again although their successor had been used: what a thief does, and an honest client never. */
import type { Call, Recorded, TokenName } from "./history.ts";

export type Replays = {
  /** The use of the successor had been acknowledged before: it must be refused, and kills the family. */
  certain: ReadonlyMap<string, readonly Call<"refresh">[]>;
  /** By family: since when one may have killed it. */
  possibleFrom: ReadonlyMap<string, number>;
};

export function replaysIn(records: readonly Recorded[]): Replays {
  const refreshes = records.filter((record) => record.call === "refresh");
  const successors = new Map<TokenName, Set<TokenName>>();
  const uses = new Map<TokenName, Call<"refresh">[]>();
  for (const refresh of refreshes) {
    const { presented, given } = refresh.detail;
    uses.set(presented, [...(uses.get(presented) ?? []), refresh]);
    if (given !== undefined) successors.set(presented, (successors.get(presented) ?? new Set()).add(given.refresh));
  }
  const certain = new Map<string, Call<"refresh">[]>();
  const possibleFrom = new Map<string, number>();
  for (const refresh of refreshes) {
    const { presented, sid } = refresh.detail;
    const usesOfNext = [...(successors.get(presented) ?? [])].flatMap((next) => uses.get(next) ?? []);
    if (usesOfNext.some(({ begun }) => begun < refresh.ended)) {
      possibleFrom.set(sid, Math.min(refresh.begun, possibleFrom.get(sid) ?? Infinity));
    }
    if (usesOfNext.some(({ outcome, ended }) => outcome === "ok" && ended <= refresh.begun)) {
      certain.set(sid, [...(certain.get(sid) ?? []), refresh]);
    }
  }
  return { certain, possibleFrom };
}
