import * as fc from "fast-check";
import { base62Length, decodeBase62, encodeBase62 } from "../../src/core/token/base62.ts";
import { withChecksum } from "../../src/core/token/checksummed.ts";
import { isObject } from "../../src/core/token/strict-json.ts";
import { fraction, type Mutation } from "./text-mutation.ts";

/** Changes that keep a token well formed, as a thief makes them who knows the format: they reach the last checks. */
const PREFIX_LENGTH = "asy_xx_".length;
const CHECKSUM_LENGTH = base62Length(4);
const BODY_LENGTHS = new Map([32, 41].map((bytes) => [base62Length(bytes), bytes]));

const change = fc.record({
  where: fraction,
  mask: fc.integer({ min: 1, max: 255 }),
  length: fc.integer({ min: 1, max: 4 }),
});
type Change = { where: number; mask: number; length: number };

function changeBytes(bytes: Buffer, { where, mask, length }: Change): Buffer {
  const from = Math.floor(where * bytes.length);
  const isHit = (index: number) => index >= from && index < from + length;
  return Buffer.from(bytes.map((byte, index) => (isHit(index) ? byte ^ mask : byte)));
}

/** Bytes of one part of a JWT, or of the body of a token of ours, whose checksum is right afterwards. */
const bytesChanged = fc.tuple(fraction, change).map(([part, how]): Mutation => {
  return (token) => {
    const body = token.slice(PREFIX_LENGTH, -CHECKSUM_LENGTH);
    const length = token.startsWith("asy_") ? BODY_LENGTHS.get(body.length) : undefined;
    const bytes = length === undefined ? undefined : decodeBase62(body, length);
    if (bytes !== undefined) return withChecksum(token.slice(0, PREFIX_LENGTH) + encodeBase62(changeBytes(bytes, how)));
    return replacePart(token, part, (text) => changeBytes(Buffer.from(text, "base64url"), how).toString("base64url"));
  };
});

const member = fc.oneof(
  fc.constantFrom(
    "alg",
    "kid",
    "typ",
    "crit",
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "sid",
    "scope",
    "client_id",
    "cnf",
    "act",
  ),
  fc.string({ maxLength: 5 }),
);
const value = fc.oneof(
  fc.constantFrom(
    "none",
    "HS256",
    "ES256",
    "EdDSA",
    "own",
    "foreign",
    "at+jwt",
    "https://assay.example",
    "https://idp.example",
  ),
  fc.constantFrom(0, 1, 9_999_999_999, "eve", "read write admin", undefined, null, [], {}),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A member of the header or payload, set or left out; the signature stays. */
const memberChanged = fc.tuple(fraction, member, value).map(([part, name, said]): Mutation => {
  return (token) =>
    replacePart(token, part, (text) => {
      const json = parsed(Buffer.from(text, "base64url").toString());
      return json === undefined ? text : Buffer.from(JSON.stringify({ ...json, [name]: said })).toString("base64url");
    });
});

/** A part of another genuine token in the place of its own. */
function partSwapped(others: readonly string[]): fc.Arbitrary<Mutation> {
  return fc.tuple(fraction, fc.constantFrom(...others)).map(([part, other]) => {
    return (token) => replacePart(token, part, (own, index) => other.split(".")[index] ?? own);
  });
}

/** One or two such changes. */
export function forgeries(others: readonly string[]): fc.Arbitrary<Mutation> {
  const one = fc.oneof(bytesChanged, memberChanged, partSwapped(others));
  return fc
    .array(one, { minLength: 1, maxLength: 2 })
    .map((changes) => (token) => changes.reduce((text, forge) => forge(text), token));
}

function replacePart(token: string, where: number, make: (part: string, index: number) => string): string {
  const parts = token.split(".");
  const hit = Math.floor(where * parts.length);
  return parts.map((part, index) => (index === hit ? make(part, index) : part)).join(".");
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
