import type { Caller } from "../caller.ts";
import type { ClientContext } from "../client-context.ts";
import { keyedDigest } from "../derived-keys.ts";
import { type Place, PLACE_LENGTH, placeOf } from "../signals/issued-from.ts";

/** Of the digest of a caller, after its place: 16 bytes in all. */
const CALLER_LENGTH = 16 - PLACE_LENGTH;

type Rotated = { sid: string; generation: number };

/**
 * What a family remembers of whence it was rotated, so that a retry from elsewhere is noticed and gets the same tokens: the client's place
 * and the caller that forwarded it. Of each rotation by itself: a store does not tell which families came from one network.
 */
export function whence(key: Buffer, rotated: Rotated, caller: Caller, context: ClientContext = {}): Buffer {
  const forwarder = keyedDigest(key, ["refresh-caller", caller.name]).subarray(0, CALLER_LENGTH);
  return masked(key, rotated, Buffer.concat([placeOf(key, context), forwarder]));
}

/** The place that it remembers. */
export function placeIn(key: Buffer, rotated: Rotated, remembered: Buffer): Place {
  return masked(key, rotated, remembered).subarray(0, PLACE_LENGTH);
}

function masked(key: Buffer, { sid, generation }: Rotated, bytes: Buffer): Buffer {
  const mask = keyedDigest(key, ["refresh-whence", sid, generation]);
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)));
}
