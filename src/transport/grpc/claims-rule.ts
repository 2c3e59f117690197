import { RESERVED_CLAIMS } from "../../core/token/registered-claims.ts";
import type { Fault } from "./text-rules.ts";

const GREATEST_BYTES = 4_096;
const GREATEST_DEPTH = 8;
const PROTOTYPE = "__proto__";

/**
 * Further claims for a token: what JSON can say, small, flat, and of free names.
 * `encoded` are the bytes the claims came in: the decoder loses a member named `__proto__`, so it is looked for there.
 */
export function furtherClaims(claims: Readonly<Record<string, unknown>> | undefined, encoded: Buffer): Fault {
  if (claims === undefined) return undefined;
  if (encoded.includes(PROTOTYPE)) return `must not have a member named ${PROTOTYPE}`;
  const reserved = Object.keys(claims).find((name) => RESERVED_CLAIMS.has(name));
  if (reserved !== undefined) return `must not have a member named ${reserved}: its meaning is fixed`;
  const fault = valueFault(claims, GREATEST_DEPTH);
  if (fault !== undefined) return fault;
  return Buffer.byteLength(JSON.stringify(claims)) > GREATEST_BYTES ? "must be at most 4 KiB as JSON" : undefined;
}

function valueFault(value: unknown, depth: number): Fault {
  if (typeof value === "string") return value.includes("\uFFFD") ? "must be UTF-8" : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "must hold finite numbers only";
  if (typeof value === "boolean" || value === null) return undefined;
  if (typeof value !== "object") return "must not hold a value without a kind";
  if (depth === 0) return `must be at most ${GREATEST_DEPTH} levels deep`;
  for (const [name, member] of Object.entries(value)) {
    const fault = valueFault(name, depth) ?? valueFault(member, depth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
