import type { FamilyRecord, Rotation, RotationOutcome, Successor } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { readFamily, type StoredFamily } from "./families.ts";

/** Inside a transaction. */
export function rotateFamily(connection: Connection, id: Buffer, rotation: Rotation): RotationOutcome {
  const family = readFamily(connection, id);
  if (family === undefined) {
    return { outcome: "unknown" };
  }
  const result = decide(family, rotation);
  if (result.outcome === "rotated") {
    const { generation, macKeyId, rotatedAt, idleExpiresAt } = result.successor;
    const { request, context } = rotation;
    connection.statements.familyRotate.run(generation, macKeyId, rotatedAt, idleExpiresAt, request, context, id);
  }
  return result;
}

/** The rows of the rotation table, from the top. */
function decide(family: StoredFamily, rotation: Rotation): RotationOutcome {
  const { record } = family;
  const { presented, now } = rotation;
  if (record.dead) {
    return { outcome: "dead" };
  }
  // Before the expiry: a store that has gone back in time may have missed that the family was prolonged.
  if (presented > record.generation) {
    return { outcome: "beyond_current" };
  }
  if (now >= Math.min(record.idleExpiresAt, record.expiresAt)) {
    return { outcome: "expired" };
  }
  if (presented === record.generation) {
    return { outcome: "rotated", successor: nextGeneration(record, rotation) };
  }
  if (presented < record.generation - 1) {
    return { outcome: "stale_generation" };
  }
  if (!mayRetry(family, rotation)) {
    return { outcome: "predecessor_reused" };
  }
  const { generation, macKeyId, rotatedAt, idleExpiresAt } = record;
  return {
    outcome: "retried",
    successor: { generation, macKeyId, rotatedAt, idleExpiresAt },
    context: family.context,
  };
}

function nextGeneration(record: FamilyRecord, { now, macKeyId, idleMs }: Rotation): Successor {
  return {
    generation: record.generation + 1,
    macKeyId,
    rotatedAt: now,
    idleExpiresAt: Math.min(now + idleMs, record.expiresAt),
  };
}

/** The window counts from the rotation and never re-arms, since a retry changes nothing. */
function mayRetry({ record, request }: StoredFamily, rotation: Rotation): boolean {
  const { graceMs, now } = rotation;
  return graceMs > 0 && now - record.rotatedAt <= graceMs && request.equals(rotation.request);
}
