import type { FamilyRecord, FamilyStore } from "../../core/ports.ts";
import { dropAt, familyKey } from "./keys.ts";
import { storeUnavailable } from "./redis-error.ts";
import { believeMiss, type RevocationsOf } from "./revocations.ts";
import { decodeCreate, decodeRotate } from "./script-replies.ts";

const FIELDS = ["generation", "mac_key_id", "rotated_at", "idle_expires_at", "expires_at", "dead", "sealed"] as const;

export function redisFamilies(of: RevocationsOf): FamilyStore {
  const { connections, gate } = of;
  return {
    async create(id, { macKeyId, rotatedAt, idleExpiresAt, expiresAt, sealed }) {
      gate.pass();
      const key = familyKey(id);
      const dropped = dropAt(expiresAt);
      const parameters = [macKeyId, rotatedAt, idleExpiresAt, expiresAt, sealed, dropped] as const;
      const reply = await connections.durably("assayCreateFamily", key, ...parameters);
      if (!decodeCreate(reply)) {
        throw new Error("a family with this id exists already");
      }
    },
    async read(id) {
      gate.pass();
      return familyRecord(await connections.reads.fields(familyKey(id), FIELDS)) ?? believeMiss(of);
    },
    async rotate(id, { presented, now, request, context, macKeyId, graceMs, idleMs }) {
      gate.pass();
      const key = familyKey(id);
      const parameters = [presented, now, request, context, macKeyId, graceMs, idleMs] as const;
      const result = decodeRotate(await connections.durably("assayRotateFamily", key, ...parameters));
      if (result.outcome === "unknown") {
        await believeMiss(of);
      }
      return result;
    },
    async kill(id) {
      gate.pass();
      await connections.durably("assayKillFamily", familyKey(id));
    },
  };
}

function familyRecord(fields: readonly (Buffer | null)[]): FamilyRecord | undefined {
  const [generation, macKeyId, rotatedAt, idleExpiresAt, expiresAt, dead, sealed] = fields;
  if (generation === null) {
    return undefined;
  }
  return {
    generation: integer(generation),
    macKeyId: integer(macKeyId),
    rotatedAt: integer(rotatedAt),
    idleExpiresAt: integer(idleExpiresAt),
    expiresAt: integer(expiresAt),
    dead: integer(dead) !== 0,
    sealed: present(sealed),
  };
}

function integer(field: Buffer | null | undefined): number {
  const value = Number(present(field).toString());
  if (!Number.isSafeInteger(value)) {
    throw incomplete();
  }
  return value;
}

function present(field: Buffer | null | undefined): Buffer {
  if (!field) {
    throw incomplete();
  }
  return field;
}

function incomplete(): Error {
  return storeUnavailable("a family's record is not in the form that this version writes");
}
