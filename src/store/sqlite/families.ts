import type { FamilyRecord } from "../../core/ports.ts";
import type { Connection } from "./connection.ts";
import { bytes, integer, type Row } from "./row.ts";

/** The digests are those of the last rotation, empty before the first. */
export type StoredFamily = { record: FamilyRecord; request: Buffer; context: Buffer };

export function createFamily(
  { statements }: Connection,
  id: Buffer,
  record: Omit<FamilyRecord, "dead" | "generation">,
): void {
  const { macKeyId, rotatedAt, idleExpiresAt, expiresAt, sealed } = record;
  const { changes } = statements.familyCreate.run(id, macKeyId, rotatedAt, idleExpiresAt, expiresAt, sealed);
  if (changes !== 1) {
    throw new Error("a family with this id exists already");
  }
}

export function readFamily({ statements }: Connection, id: Buffer): StoredFamily | undefined {
  const row = statements.familyRead.get(id);
  return row && family(row);
}

export function killFamily({ statements }: Connection, id: Buffer): void {
  statements.familyKill.run(id);
}

function family(row: Row): StoredFamily {
  const record = {
    generation: integer(row, "generation"),
    macKeyId: integer(row, "mac_key_id"),
    rotatedAt: integer(row, "rotated_at"),
    idleExpiresAt: integer(row, "idle_expires_at"),
    expiresAt: integer(row, "expires_at"),
    dead: integer(row, "dead") === 1,
    sealed: bytes(row, "sealed"),
  };
  return { record, request: bytes(row, "request"), context: bytes(row, "context") };
}
