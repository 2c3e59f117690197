/**
 * Revocations as Redis holds them, of fixed width so that a million are read in a second: cut-off and keep-until in 6 bytes each, then what was
 * sealed. In the log the digest comes first. The scripts write and read the same.
 */
import type { HeldRevocation, LoggedRevocation } from "../../core/revocation-log.ts";
import { formatRevision } from "../revision.ts";
import { storeUnavailable } from "./redis-error.ts";

/** An entry of the log. Without a revocation it marks where an incarnation begins. */
export type LogEntry = { id: string; revocation: LoggedRevocation | undefined };

/** The greatest number of 6 bytes: as a cut-off absolute, as a keep-until for good. So the stronger is always the greater. */
export const UNBOUNDED = 2 ** 48 - 1;

const DIGEST_LENGTH = 16;
const TIME_LENGTH = 6;
const TIMES_LENGTH = 2 * TIME_LENGTH;
const HELD_LENGTH = DIGEST_LENGTH + TIMES_LENGTH;
/** "r": an entry of the log that is a revocation. */
const REVOCATION_FIELD = 0x72;

/** @param value of the live set, or as much of it as says when, which begins at `from` */
export function readHeld(digest: Buffer, value: Buffer, from = 0): HeldRevocation {
  if (value.length < from + TIMES_LENGTH) {
    throw storeUnavailable("a live revocation is not in the form that this version writes");
  }
  const cutOff = value.readUIntBE(from, TIME_LENGTH);
  const keepUntil = value.readUIntBE(from + TIME_LENGTH, TIME_LENGTH);
  if (cutOff === UNBOUNDED) {
    return keepUntil === UNBOUNDED ? { digest } : { digest, keepUntil };
  }
  return keepUntil === UNBOUNDED ? { digest, cutOff } : { digest, cutOff, keepUntil };
}

export function readSealedPart(value: Buffer): Buffer {
  return value.subarray(TIMES_LENGTH);
}

export function readEntry(incarnation: string, id: Buffer, field: Buffer, value: Buffer): LogEntry {
  const name = id.toString("latin1");
  if (field[0] !== REVOCATION_FIELD) {
    return { id: name, revocation: undefined };
  }
  const held = readHeld(value.subarray(0, DIGEST_LENGTH), value.subarray(DIGEST_LENGTH));
  const sealed = value.subarray(DIGEST_LENGTH + TIMES_LENGTH);
  // The server makes ids of its time.
  const appendedAt = Number.parseInt(name, 10);
  return { id: name, revocation: { ...held, revision: formatRevision(incarnation, name), sealed, appendedAt } };
}

/** @param bytes as `writeHeld` makes them. The digests share their memory */
export function readAllHeld(bytes: Buffer): HeldRevocation[] {
  const held: HeldRevocation[] = [];
  for (let at = 0; at < bytes.length; at += HELD_LENGTH) {
    held.push(readHeld(bytes.subarray(at, at + DIGEST_LENGTH), bytes, at + DIGEST_LENGTH));
  }
  return held;
}

/** One after the other: digest, cut-off, keep-until. */
export function writeHeld(revocations: readonly HeldRevocation[]): Buffer {
  const bytes = Buffer.allocUnsafe(revocations.length * HELD_LENGTH);
  let at = 0;
  for (const { digest, cutOff = UNBOUNDED, keepUntil = UNBOUNDED } of revocations) {
    at += digest.copy(bytes, at, 0, DIGEST_LENGTH);
    at = bytes.writeUIntBE(cutOff, at, TIME_LENGTH);
    at = bytes.writeUIntBE(keepUntil, at, TIME_LENGTH);
  }
  return bytes;
}
