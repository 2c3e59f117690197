import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { HeldRevocation, LoggedRevocation } from "../../core/revocation-log.ts";
import { type Revocation, WatchRevocationsResponse } from "../../gen/assay/v1/token_service.ts";

/** Of the log, without the place in it. */
export type ToldRevocation = HeldRevocation & Pick<LoggedRevocation, "appendedAt">;

/** What an authority tells a verifier of the revocations in one message. */
export type ToldStep = {
  revocations: ToldRevocation[];
  /** The position in the log after these; undefined while the live revocations are being told. */
  revision: string | undefined;
  /** Store time in milliseconds: all until then has been told. */
  provedAtMs: number | undefined;
  isFromBeginning: boolean;
};

/** Tags of the fields: number and wire type. */
const REVOCATION = 0x0a;
const FROM_BEGINNING = 0x20;
const DIGEST = 0x0a;
const BORN_AT_OR_BEFORE = 0x18;
const EXPIRES_AT = 0x20;

/** @throws Error for what is no such message */
export function readToldStep(bytes: Buffer): ToldStep {
  return readHeld(bytes) ?? stepOf(WatchRevocationsResponse.decode(bytes));
}

/**
 * The live revocations, which may be a million while a start waits for them: four times as quick as with a message and two BigInts
 * made of each. @returns undefined for a message that holds anything else
 */
function readHeld(bytes: Buffer): ToldStep | undefined {
  const reader = new BinaryReader(bytes);
  const revocations: HeldRevocation[] = [];
  let isFromBeginning = false;
  while (reader.pos < bytes.length) {
    const tag = reader.uint32();
    if (tag === FROM_BEGINNING) {
      isFromBeginning = reader.bool();
      continue;
    }
    const revocation = tag === REVOCATION ? readRevocation(bytes, reader) : undefined;
    if (revocation === undefined) return undefined;
    revocations.push(revocation);
  }
  return { revocations, revision: undefined, provedAtMs: undefined, isFromBeginning };
}

function readRevocation(bytes: Buffer, reader: BinaryReader): HeldRevocation | undefined {
  const end = reader.uint32() + reader.pos;
  const digest = reader.pos < end && reader.uint32() === DIGEST ? reader.bytes() : undefined;
  if (!Buffer.isBuffer(digest)) return undefined;
  const revocation: HeldRevocation = { digest };
  while (reader.pos < end) {
    const tag = reader.uint32();
    const milliseconds = readSafeInteger(bytes, reader);
    if (milliseconds === undefined) return undefined;
    if (tag === BORN_AT_OR_BEFORE) revocation.cutOff = milliseconds;
    else if (tag === EXPIRES_AT) revocation.keepUntil = milliseconds;
    else return undefined;
  }
  return reader.pos === end ? revocation : undefined;
}

/** A varint that a number holds exactly. */
function readSafeInteger(bytes: Buffer, reader: BinaryReader): number | undefined {
  let value = 0;
  for (let unit = 1; unit < Number.MAX_SAFE_INTEGER; unit *= 128) {
    const byte = bytes[reader.pos++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return Number.isSafeInteger(value) ? value : undefined;
  }
  return undefined;
}

function stepOf(message: WatchRevocationsResponse): ToldStep {
  return {
    revocations: message.revocations.map(toldRevocation),
    revision: message.revision,
    provedAtMs: message.proved_at_ms,
    isFromBeginning: message.from_beginning,
  };
}

function toldRevocation({
  digest,
  born_at_or_before_ms: cutOff,
  expires_at_ms: keepUntil,
  appended_at_ms: appendedAt,
}: Revocation): ToldRevocation {
  return {
    digest,
    ...(cutOff === undefined ? {} : { cutOff }),
    ...(keepUntil === undefined ? {} : { keepUntil }),
    ...(appendedAt === undefined ? {} : { appendedAt }),
  };
}
