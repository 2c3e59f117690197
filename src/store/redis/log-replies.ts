/** What the codes of the scripts on the revocation log mean. A reply of another shape is a fault of ours, never data to go on with. */
import type { HeldRevocation } from "../../core/revocation-log.ts";
import { type LogEntry, readEntry, readHeld } from "./revocation-bytes.ts";

export type AppendReply = {
  /** The stream id that the revision names. */
  id: string;
  /** Whether it stands there; else something else does, and this was held already. */
  isNew: boolean;
  held: HeldRevocation;
};

export type ProofReply =
  /** `time`: the store's, in milliseconds since the epoch. `found`: of each revision that is sought, in their order. */
  | { log: "whole"; entries: readonly LogEntry[]; time: number; found: readonly boolean[] }
  | { log: "trimmed" }
  /** An entry that was there is there no more. */
  | { log: "gone back" }
  /** The canary has gone, or it names another store. */
  | { log: "lost" }
  /** Nobody has put back yet what its predecessors held, whose names are separated by commas. */
  | { log: "unhealed"; awaited: string };

/** @returns undefined when the store has lost its state or is another. */
export function decodeAppend(reply: unknown, digest: Buffer): AppendReply | undefined {
  const [code, id, times] = list(reply);
  if (code === 0) {
    return undefined;
  }
  if ((code !== 1 && code !== 2) || !Buffer.isBuffer(id) || !Buffer.isBuffer(times)) {
    throw unexpected();
  }
  return { id: id.toString("latin1"), isNew: code === 2, held: readHeld(digest, times) };
}

export function decodeProof(reply: unknown, incarnation: string): ProofReply {
  const [code, told, time, found] = list(reply);
  switch (code) {
    case 0:
    case 1:
      return { log: "lost" };
    case 2:
      return { log: "gone back" };
    case 3:
      return { log: "trimmed" };
    case 4:
      return {
        log: "whole",
        entries: decodeEntries(told, incarnation),
        time: decodeTime(time),
        found: list(found).map((one) => one === 1),
      };
    case 5:
      if (!Buffer.isBuffer(told)) {
        throw unexpected();
      }
      return { log: "unhealed", awaited: told.toString("latin1") };
    default:
      throw unexpected();
  }
}

/** Entries as XRANGE returns them: `[id, [field, value]]`, all of them buffers. */
export function decodeEntries(reply: unknown, incarnation: string): LogEntry[] {
  return list(reply).map((entry) => {
    const [id, fields] = list(entry);
    const [field, value] = list(fields);
    if (!Buffer.isBuffer(id) || !Buffer.isBuffer(field) || !Buffer.isBuffer(value)) {
      throw unexpected();
    }
    return readEntry(incarnation, id, field, value);
  });
}

/** What XREAD of one stream returns: nothing within its time, or `[[name, entries]]`. */
export function decodeRead(reply: unknown, incarnation: string): LogEntry[] {
  if (reply === null) {
    return [];
  }
  const [stream] = list(reply);
  return decodeEntries(list(stream)[1], incarnation);
}

/** What TIME returns. @returns milliseconds since the epoch */
export function decodeTime(reply: unknown): number {
  const [seconds, microseconds] = list(reply);
  const time = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  if (!Number.isFinite(time)) {
    throw unexpected();
  }
  return time;
}

/** A part of the live set; "0" is the cursor of the last. `revocations` as `readAllHeld` takes them. */
export type LivePage = { cursor: string; revocations: Buffer };

export function decodeLivePage(reply: unknown): LivePage {
  const [cursor, revocations] = list(reply);
  if (!Buffer.isBuffer(cursor) || !Buffer.isBuffer(revocations)) {
    throw unexpected();
  }
  return { cursor: cursor.toString("latin1"), revocations };
}

/** @returns how many; undefined when the store has lost its state or is another. */
export function decodePutBack(reply: unknown): { put: number; expired: number } | undefined {
  const [code, put, expired] = list(reply);
  if (code === 0) {
    return undefined;
  }
  if (code !== 1 || typeof put !== "number" || typeof expired !== "number") {
    throw unexpected();
  }
  return { put, expired };
}

export function list(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) {
    throw unexpected();
  }
  return reply;
}

export function unexpected(): Error {
  return new Error("a script of the Redis store returned what no version of it returns");
}
