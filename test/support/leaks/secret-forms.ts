/** In which spellings a secret would betray itself, and how little of it is enough. */
import { decodeBase62 } from "../../../src/core/token/base62.ts";
import { decodeRefreshToken } from "../../../src/core/token/refresh-token.ts";
import type { Pattern } from "./window-index.ts";

/** What must never be found. `kind` says what it is, to somebody who must not see it. */
export type Secret =
  /** A token, or the secret of a caller: a fragment of its telling parts is enough. */
  | { kind: string; token: string }
  /** A key: in any spelling of bytes. */
  | { kind: string; key: Buffer }
  /** A personal datum: as it stands. */
  | { kind: string; text: string };

const FRAGMENT = 24;
const LEAST_LENGTH = 16;
const LEAST_VARIETY = 8;
const TOKEN_PREFIX = /^asy_(?:at|rt|cs)_/;
/** Of 32 bytes in base62. */
const SECRET_BODY = 43;

/** None for what is too short or too plain to be told from chance: a token that a test made up, such as `aaaa…`. */
export function patternsOf(secret: Secret): Pattern[] {
  if ("key" in secret) return spellings(secret.key);
  if ("text" in secret) return whole(secret.text);
  return [...tellingParts(secret.token).map(fragments), ...spellings(bytesWithin(secret.token))];
}

function whole(text: string): Pattern[] {
  const bytes = Buffer.from(text);
  // Shorter ones would be found by chance: the test must choose another value.
  if (bytes.length < 8) throw new Error(`'${text}' is too short to be searched for`);
  return [{ bytes, least: bytes.length }];
}

/** Of a JWT all but the header, which says nothing; of a token of ours what comes after the prefix. */
function tellingParts(token: string): string[] {
  const [, ...jwtParts] = token.split(".");
  const parts = jwtParts.length === 2 ? jwtParts : [token.replace(TOKEN_PREFIX, "")];
  return parts.filter((part) => isTelling(Buffer.from(part)));
}

function isTelling(bytes: Buffer): boolean {
  return bytes.length >= LEAST_LENGTH && new Set(bytes).size >= LEAST_VARIETY;
}

function fragments(part: string): Pattern {
  const bytes = Buffer.from(part);
  return { bytes, least: Math.min(FRAGMENT, bytes.length) };
}

/** The random bytes of an opaque token or a caller's secret, and the MAC of a refresh token. */
function bytesWithin(token: string): Buffer {
  const body = TOKEN_PREFIX.test(token) ? token.replace(TOKEN_PREFIX, "").slice(0, SECRET_BODY) : "";
  return decodeRefreshToken(token)?.mac ?? decodeBase62(body, 32) ?? Buffer.alloc(0);
}

/** Raw, base64 in both alphabets, hex, as Node prints a Buffer, and as JSON has it. */
function spellings(key: Buffer): Pattern[] {
  if (!isTelling(key)) return [];
  const hex = key.toString("hex");
  const texts: [string, number][] = [
    [key.toString("base64url"), 20],
    [key.toString("base64").replaceAll("=", ""), 20],
    [hex, 32],
    [hex.toUpperCase(), 32],
    [hex.replaceAll(/(..)(?!$)/g, "$1 "), 47],
    [key.join(","), 40],
  ];
  return [
    { bytes: key, least: 16 },
    ...texts.map(([text, least]) => ({ bytes: Buffer.from(text), least: Math.min(least, text.length) })),
  ];
}
