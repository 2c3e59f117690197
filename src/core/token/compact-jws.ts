import { parseStrictJsonObject } from "./strict-json.ts";

/** A JWS in compact serialization (RFC 7515 section 7.1), decoded and not yet believed. */
export type CompactJws = {
  header: Readonly<Record<string, unknown>>;
  payload: Readonly<Record<string, unknown>>;
  /** `header.payload`: what is signed. The signature's own spelling never identifies a token. */
  signedPart: string;
  signature: Buffer;
};

const MAX_HEADER_LENGTH = 4_096;

/**
 * Undefined unless header and payload are unambiguous JSON objects and every part is spelled in the one canonical way:
 * jose takes white space, padding and stray bits, by which one token would have many names.
 */
export function parseCompactJws(token: string): CompactJws | undefined {
  const [header, payload, signature, more] = token.split(".", 4);
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) return undefined;
  if (header.length > MAX_HEADER_LENGTH) return undefined;
  const parts = [decoded(header), decoded(payload), decoded(signature)] as const;
  const headerObject = parts[0] && parseStrictJsonObject(parts[0]);
  const payloadObject = headerObject && parts[1] && parseStrictJsonObject(parts[1]);
  if (headerObject === undefined || payloadObject === undefined || parts[2] === undefined) return undefined;
  return { header: headerObject, payload: payloadObject, signedPart: `${header}.${payload}`, signature: parts[2] };
}

/** What is not base64url is spelled otherwise when it is encoded again: so are padding and stray bits. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return part !== "" && bytes.toString("base64url") === part ? bytes : undefined;
}
