/** What the codes of the scripts mean. A reply of another shape is a fault of ours, never data to go on with. */
import type { ProofUse, RotationOutcome } from "../../core/ports.ts";
import type { StoreIdentity } from "../refusal.ts";
import { list, unexpected } from "./log-replies.ts";

export type OpenReply =
  | { store: "there"; identity: StoreIdentity; predecessors: readonly string[] }
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
        predecessors: names(bytes(fields[3]).toString()),
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

export type AcceptLossReply =
  | { outcome: "made anew"; incarnation: string; predecessors: readonly string[] }
  | { outcome: "whole"; incarnation: string }
  | { outcome: "has other keys"; incarnation: string }
  | { outcome: "other version"; schemaVersion: number };

export function decodeAcceptLoss(reply: unknown): AcceptLossReply {
  const [code, told, predecessors] = list(reply);
  if (code === 0 && typeof told === "string" && typeof predecessors === "string") {
    return { outcome: "made anew", incarnation: told, predecessors: names(predecessors) };
  }
  if (code === 1 && typeof told === "string") {
    return { outcome: "whole", incarnation: told };
  }
  if (code === 3 && typeof told === "string") {
    return { outcome: "has other keys", incarnation: told };
  }
  if (code !== 2) {
    throw unexpected();
  }
  return { outcome: "other version", schemaVersion: integer(told) };
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
      return { outcome: "retried", successor: successor(fields), context: hex(fields[5]) };
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

export type SwapReply =
  | { outcome: "swapped"; root: string }
  | { outcome: "other version" }
  /** The keyring has gone, or is another store's. */
  | { outcome: "lost" };

export function decodeSwap(reply: unknown): SwapReply {
  const [code, root] = list(reply);
  if (code === 0) {
    return { outcome: "lost" };
  }
  if (code === 1) {
    return { outcome: "other version" };
  }
  if (code !== 2 || typeof root !== "string") {
    throw unexpected();
  }
  return { outcome: "swapped", root };
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

export function decodeNetworkCount(reply: unknown): number {
  const count = integer(reply);
  // What was just noted is there.
  if (count < 1) {
    throw unexpected();
  }
  return count;
}

/** Names separated by commas. */
function names(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}

function successor([, generation, macKeyId, rotatedAt, idleExpiresAt]: readonly unknown[]) {
  return {
    generation: integer(generation),
    macKeyId: integer(macKeyId),
    rotatedAt: integer(rotatedAt),
    idleExpiresAt: integer(idleExpiresAt),
  };
}

function hex(field: unknown): Buffer {
  if (typeof field !== "string") {
    throw unexpected();
  }
  return Buffer.from(field, "hex");
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
