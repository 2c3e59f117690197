/** Rules for fields that are no text. Each answers with what is wrong, to be read after the name of the field, or undefined. */
import { isIP } from "node:net";
import type { Confirmation } from "../../gen/assay/v1/token_service.ts";
import type { Duration } from "../../gen/google/protobuf/duration.ts";
import type { Fault } from "./text-rules.ts";

/** The end of the year 9999, as NumericDate. */
const LATEST_DATE = 253_402_300_799;
const SHA256_BYTES = 32;
const GREATEST_ITEMS = 256;
const GREATEST_ADDRESS = 64;

/** Whole seconds, at least one. However long: the client's policy caps it. */
export function lifetime(value: Duration | undefined): Fault {
  if (value === undefined) return undefined;
  if (value.nanos !== 0) return "must be whole seconds";
  return value.seconds > 0 ? undefined : "must be at least one second";
}

/** What is asked about in one message. */
export function items(values: readonly unknown[]): Fault {
  if (values.length === 0) return "is required: at least one";
  return values.length > GREATEST_ITEMS ? `must have at most ${GREATEST_ITEMS} items` : undefined;
}

export function numericDate(value: number | undefined): Fault {
  if (value === undefined) return undefined;
  if (value < 0) return "must not be negative: it is in seconds since the epoch";
  return value > LATEST_DATE ? "must be in seconds since the epoch, before the year 10000" : undefined;
}

/** Exactly one member, the base64url of 32 bytes (RFC 7800 section 3.1: a token is bound to one key). */
export function confirmation(value: Confirmation | undefined): Fault {
  if (value === undefined) return undefined;
  const thumbprints = [value.jkt, value.x5t_s256].filter((member) => member !== undefined && member !== "");
  const [thumbprint] = thumbprints;
  if (thumbprints.length !== 1 || thumbprint === undefined) return "must have exactly one member";
  return sha256(thumbprint);
}

/** Empty is absent. */
export function sha256(value: string): Fault {
  if (value === "" || isSha256(value)) return undefined;
  return "must be the base64url of a SHA-256: 43 characters without padding";
}

/** Empty is absent. */
export function ipAddress(value: string): Fault {
  // Behind `%` stands a zone of whatever length.
  const isAddress = value.length <= GREATEST_ADDRESS && isIP(value) !== 0;
  return value === "" || isAddress ? undefined : "must be an IP address";
}

function isSha256(value: string): boolean {
  if (value.length !== 43) return false;
  const bytes = Buffer.from(value, "base64url");
  return bytes.length === SHA256_BYTES && bytes.toString("base64url") === value;
}
