import type { FamilyRecord, RotationOutcome, Successor } from "../ports.ts";

export type RefusedRotation = Exclude<RotationOutcome, { successor: Successor }>;

/**
 * Why a refresh token is refused whatever else happens: then no proof is asked for, or used up. A rotation that runs at the same
 * time can only make it older. The store decides the rest, atomically. Times in milliseconds.
 */
export function refusedForGood(
  record: FamilyRecord,
  presented: number,
  { now, graceMs }: { now: number; graceMs: number },
): RefusedRotation | undefined {
  if (record.dead) return { outcome: "dead" };
  if (presented > record.generation) return undefined;
  if (now >= Math.min(record.idleExpiresAt, record.expiresAt)) return { outcome: "expired" };
  if (presented < record.generation - 1) return { outcome: "stale_generation" };
  if (presented !== record.generation - 1) return undefined;
  const isWithinGrace = graceMs > 0 && now - record.rotatedAt <= graceMs;
  return isWithinGrace ? undefined : { outcome: "predecessor_reused" };
}
