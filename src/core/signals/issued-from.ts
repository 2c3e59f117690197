import { timingSafeEqual } from "node:crypto";
import type { ClientContext } from "../client-context.ts";
import { keyedDigest } from "../derived-keys.ts";
import { networkText } from "./network.ts";
import { withoutVersions } from "./user-agent.ts";

const HALF = 6;
export const PLACE_LENGTH = 2 * HALF;

/** Whence a client came, without saying it: 6 bytes for its network, 6 for its user agent. Zeros for what is not known. */
export type Place = Buffer;

/** @param key the same at every instance, and in no store */
export function placeOf(key: Buffer, { clientIp, userAgent }: ClientContext): Place {
  const network = clientIp === undefined ? undefined : networkText(clientIp);
  return halves(
    network === undefined ? undefined : keyedDigest(key, ["client-network", network]),
    userAgent === undefined ? undefined : keyedDigest(key, ["client-agent", withoutVersions(userAgent)]),
  );
}

/**
 * What a token says of whence it was issued, in base64url. Salted with its `jti`: two tokens of one client do not tell that they are.
 * @returns undefined where nothing is known of it
 */
export function issuedFrom(key: Buffer, jti: string, place: Place): string | undefined {
  if (!isKnown(place)) return undefined;
  return saltedPlace(key, jti, place).toString("base64url");
}

/** Undefined where one of the two is not known. */
export type SameOrigin = { network: boolean | undefined; agent: boolean | undefined };

/** Whether a request comes whence its token was issued. What is not of the right form says nothing. In constant time. */
export function sameOrigin(key: Buffer, jti: string, said: string, context: ClientContext): SameOrigin {
  const was = Buffer.from(said, "base64url");
  if (was.length !== PLACE_LENGTH) return { network: undefined, agent: undefined };
  const is = saltedPlace(key, jti, placeOf(key, context));
  return { network: isSame(was, is, 0), agent: isSame(was, is, HALF) };
}

function isSame(was: Buffer, is: Buffer, from: number): boolean | undefined {
  const [one, other] = [was.subarray(from, from + HALF), is.subarray(from, from + HALF)];
  return isKnown(one) && isKnown(other) ? timingSafeEqual(one, other) : undefined;
}

function saltedPlace(key: Buffer, jti: string, place: Place): Buffer {
  const [network, agent] = [place.subarray(0, HALF), place.subarray(HALF, PLACE_LENGTH)];
  return halves(
    isKnown(network) ? keyedDigest(key, ["issued-network", jti, network.toString("hex")]) : undefined,
    isKnown(agent) ? keyedDigest(key, ["issued-agent", jti, agent.toString("hex")]) : undefined,
  );
}

function halves(network: Buffer | undefined, agent: Buffer | undefined): Buffer {
  const place = Buffer.alloc(PLACE_LENGTH);
  network?.copy(place, 0, 0, HALF);
  agent?.copy(place, HALF, 0, HALF);
  return place;
}

function isKnown(half: Buffer): boolean {
  return half.some((byte) => byte !== 0);
}
