/** What the codes of the scripts mean. A reply of another shape is a fault of ours, never data to go on with. */
import type { ProofUse, RotationOutcome } from "../../core/ports.ts";
import type { StoreIdentity } from "../refusal.ts";

export type OpenReply =
  | { store: "there"; identity: StoreIdentity }
  | { store: "absent" }
  | { store: "damaged" }
  | { store: "newer"; schemaVersion: number };

export function decodeOpen(reply: unknown): OpenReply {
  const fields = list(reply);
  switch (fields[0]) {
    case 0:
      return {
        store: "there",
        identity: {
          schemaVersion: integer(fields[1]),
          incarnation: bytes(fields[2]).toString(),
        },
      };
    case 1:
      return { store: "absent" };
    case 2:
      return { store: "damaged" };
    case 3:
      return { store: "newer", schemaVersion: integer(fields[1]) };
    default:
      throw unexpected();
  }
}

/** @returns the stream id that the revision names; undefined when the store has lost its state or is another. */
export function decodeAppend(reply: unknown): string | undefined {
  const [code, id] = list(reply);
  if (code === 0) {
    return undefined;
  }
  if ((code !== 1 && code !== 2) || typeof id !== "string") {
    throw unexpected();
  }
  return id;
}

/** @returns how many went; undefined when the store has lost its state or is another. */
export function decodePurge(reply: unknown): number | undefined {
  const count = integer(reply);
  return count < 0 ? undefined : count;
}

export function decodeCreate(reply: unknown): boolean {
  return integer(reply) === 1;
}

export function decodeRotate(reply: unknown): RotationOutcome {
  const fields = list(reply);
  switch (fields[0]) {
    case 0:
      return { outcome: "unknown" };
    case 1:
      return { outcome: "dead" };
    case 2:
      return { outcome: "expired" };
    case 3:
      return { outcome: "rotated", successor: successor(fields) };
    case 4:
      return { outcome: "retried", successor: successor(fields), contextChanged: integer(fields[5]) === 1 };
    case 5:
      return { outcome: "predecessor_reused" };
    case 6:
      return { outcome: "stale_generation" };
    case 7:
      return { outcome: "beyond_current" };
    default:
      throw unexpected();
  }
}

/** @returns whether it was swapped; undefined when the keyring has gone, or is another store's. */
export function decodeSwap(reply: unknown): boolean | undefined {
  switch (list(reply)[0]) {
    case 0:
      return undefined;
    case 1:
      return false;
    case 2:
      return true;
    default:
      throw unexpected();
  }
}

export function decodeProofUse(reply: unknown): ProofUse {
  switch (reply) {
    case 0:
      return "first";
    case 1:
      return "same_request";
    case 2:
      return "replayed";
    default:
      throw unexpected();
  }
}

function successor([, generation, macKeyId, rotatedAt, idleExpiresAt]: readonly unknown[]) {
  return {
    generation: integer(generation),
    macKeyId: integer(macKeyId),
    rotatedAt: integer(rotatedAt),
    idleExpiresAt: integer(idleExpiresAt),
  };
}

function list(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) {
    throw unexpected();
  }
  return reply;
}

function integer(field: unknown): number {
  if (typeof field !== "number") {
    throw unexpected();
  }
  return field;
}

function bytes(field: unknown): Buffer {
  if (!Buffer.isBuffer(field)) {
    throw unexpected();
  }
  return field;
}

function unexpected(): Error {
  return new Error("a script of the Redis store returned what no version of it returns");
}
