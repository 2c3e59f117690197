import type { Payload } from "./payload.ts";

/** Foreign names of our claims, in order of preference. */
export type ClaimNames = Readonly<
  Record<"scope" | "client_id" | "username" | "sub" | "sid" | "jti", readonly string[]>
>;

export const OUR_NAMES: ClaimNames = { scope: [], client_id: [], username: [], sub: [], sid: [], jti: [] };

/**
 * The payload with our names for what it says under its issuer's: what it says under ours stays as it is. The foreign claims
 * remain beside them. Types are judged by whoever reads the claims.
 */
export function withOurNames(payload: Payload, names: ClaimNames): Payload {
  const renamed: Record<string, unknown> = {};
  for (const [ours, foreign] of Object.entries(names)) {
    if (Object.hasOwn(payload, ours)) continue;
    const name = foreign.find((candidate) => Object.hasOwn(payload, candidate));
    if (name !== undefined) renamed[ours] = ours === "scope" ? asScope(payload[name]) : payload[name];
  }
  return { ...payload, ...renamed };
}

/** A list of scopes is one text with us. A member with a space would be two: then the list stays one, which is no scope. */
function asScope(value: unknown): unknown {
  const isList = Array.isArray(value) && value.every((member) => typeof member === "string" && !member.includes(" "));
  return isList ? value.join(" ") : value;
}
