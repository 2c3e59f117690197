import { timingSafeEqual } from "node:crypto";
import { keyedDigest } from "../derived-keys.ts";
import { networkText } from "./network.ts";
import { withoutVersions } from "./user-agent.ts";

/** From where a client's request came, as its caller forwards it. */
export type ForwardedContext = { clientIp?: string | undefined; userAgent?: string | undefined };

/** Undefined where one of the two is not known. */
export type SameOrigin = { network: boolean | undefined; agent: boolean | undefined };

const LENGTH = 6;
const NOT_KNOWN = Buffer.alloc(LENGTH);

/**
 * Whence a token was issued, for the token itself to carry: 6 bytes of a keyed digest for the network and 6 for the user agent but for its
 * versions, as 16 characters of base64url. Salted with the token's id: two tokens of one person have nothing in common.
 */
export function issuedFrom(key: Buffer, jti: string, { clientIp, userAgent }: ForwardedContext): string {
  return Buffer.concat([networkMark(key, jti, clientIp), agentMark(key, jti, userAgent)]).toString("base64url");
}

/** Whether a request comes whence its token was issued. What is not of the right form says nothing. In constant time. */
export function sameOrigin(key: Buffer, jti: string, said: string, context: ForwardedContext): SameOrigin {
  const marks = Buffer.from(said, "base64url");
  if (marks.length !== 2 * LENGTH) return { network: undefined, agent: undefined };
  return {
    network: isSame(marks.subarray(0, LENGTH), networkMark(key, jti, context.clientIp)),
    agent: isSame(marks.subarray(LENGTH), agentMark(key, jti, context.userAgent)),
  };
}

function isSame(said: Buffer, seen: Buffer): boolean | undefined {
  if (said.equals(NOT_KNOWN) || seen === NOT_KNOWN) return undefined;
  return timingSafeEqual(said, seen);
}

function networkMark(key: Buffer, jti: string, clientIp: string | undefined): Buffer {
  const network = clientIp === undefined ? undefined : networkText(clientIp);
  return network === undefined ? NOT_KNOWN : mark(key, ["network", jti, network]);
}

function agentMark(key: Buffer, jti: string, userAgent: string | undefined): Buffer {
  return userAgent === undefined ? NOT_KNOWN : mark(key, ["agent", jti, withoutVersions(userAgent)]);
}

function mark(key: Buffer, values: readonly string[]): Buffer {
  return keyedDigest(key, values).subarray(0, LENGTH);
}
