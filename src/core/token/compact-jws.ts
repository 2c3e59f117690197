import { isObject, parseStrictJsonObject } from "./strict-json.ts";

/** A JWS in compact serialization (RFC 7515 section 7.1), decoded and not yet believed. */
export type CompactJws = {
  header: Readonly<Record<string, unknown>>;
  payload: Readonly<Record<string, unknown>>;
  /** `header.payload`: what is signed. The signature's own spelling never identifies a token. */
  signedPart: string;
};

const MAX_HEADER_LENGTH = 4_096;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * Undefined unless header and payload are unambiguous JSON objects and every part is spelled in the one canonical way:
 * jose takes white space, padding and stray bits, by which one token would have many names.
 */
export function parseCompactJws(token: string): CompactJws | undefined {
  const [, header, payload, signature] = COMPACT.exec(token) ?? [];
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  if (header.length > MAX_HEADER_LENGTH || ![header, payload, signature].every(isCanonical)) return undefined;
  const headerObject = parseStrictJsonObject(Buffer.from(header, "base64url"));
  const payloadObject = parseStrictJsonObject(Buffer.from(payload, "base64url"));
  if (!isObject(headerObject) || !isObject(payloadObject)) return undefined;
  return { header: headerObject, payload: payloadObject, signedPart: `${header}.${payload}` };
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, "base64url").toString("base64url") === part;
}
