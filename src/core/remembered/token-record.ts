/** How a token that was verified lies in memory that the garbage collector does not walk through. */
import type { Admission } from "../admission.ts";
import type { Recognised } from "../recognised.ts";
import { copyMarks, MARK_LENGTH, type Marks } from "../revocations/marks.ts";
import type { Claims } from "../token/claims.ts";
import type { Origin } from "../token/verified-token.ts";

/** A page of memory, filled up to its end. */
export type Page = { readonly number: number; readonly bytes: Buffer; readonly view: DataView; end: number };

/** Where a token lies. To be read at once: what is remembered next may take its place. */
export type TokenRecord = { readonly page: Page; readonly at: number };

/** Whom a token is from, and for. */
export type Names = Pick<Claims, "iss" | "client_id" | "scope" | "aud">;

/** Records begin at multiples of it. */
export const ALIGNMENT = 8;

/** Places in a record, in bytes. First numbers of 32 bits, then doubles, then the digest; marks, names, answer and content follow. */
const [LENGTH, HASH, IS_RECALLED, IS_BOUND, ADMISSION, MARKS, NAMES, ANSWER, CONTENT] = [
  0, 4, 8, 12, 16, 20, 24, 28, 32,
];
const [ALIVE_FROM, ALIVE_UNTIL, UNNAMED_AT] = [40, 48, 56];
const DIGEST = 64;
const DIGEST_LENGTH = 32;
const HEAD = DIGEST + DIGEST_LENGTH;
const SEPARATOR = "\n";
const NEVER = -1;
/** Of few parties most tokens are. Together well below a megabyte. */
const MOST_NAMES = 1_024;
const GREATEST_NAMES = 256;
const namesByText = new Map<string, Names>();

/** What of a token need not be at hand: its text is read where more is asked than whether it is active. */
type Content = Pick<Recognised, "claims" | "leeway" | "isJwt"> & { origins: [Origin, ...Origin[]] };

/**
 * @param digest of the token, see `tokenDigest`
 * @param admission the number of what admitted it
 * @param answer what is said of it, whoever asks
 * @returns undefined for what cannot be remembered: names that hold a line feed
 */
export function packToken(
  digest: string,
  { claims, origins, leeway, isJwt, marks }: Recognised,
  admission: number,
  answer: Uint8Array,
): Buffer | undefined {
  const parts = [claims.iss, claims.client_id ?? "", claims.scope ?? "", ...claims.aud];
  if (parts.some((name) => name.includes(SEPARATOR))) return undefined;
  const names = Buffer.from(parts.join(SEPARATOR));
  const content = Buffer.from(JSON.stringify({ claims, origins, leeway, isJwt }));
  const marksLength = marks.count * MARK_LENGTH;
  const length = HEAD + marksLength + names.length + answer.length + content.length;
  const record = Buffer.alloc(Math.ceil(length / ALIGNMENT) * ALIGNMENT);
  record.writeInt32LE(record.length, LENGTH);
  record.write(digest, DIGEST, "latin1");
  record.writeInt32LE(hashOf(digest), HASH);
  record.writeInt32LE(claims.cnf === undefined ? 0 : 1, IS_BOUND);
  record.writeInt32LE(admission, ADMISSION);
  record.writeInt32LE(marks.count, MARKS);
  record.writeInt32LE(names.length, NAMES);
  record.writeInt32LE(answer.length, ANSWER);
  record.writeInt32LE(content.length, CONTENT);
  record.writeDoubleLE(claims.nbf === undefined ? -Infinity : (claims.nbf - leeway) * 1_000, ALIVE_FROM);
  record.writeDoubleLE((claims.exp + leeway) * 1_000, ALIVE_UNTIL);
  record.writeDoubleLE(NEVER, UNNAMED_AT);
  marks.bytes.copy(record, HEAD, marks.offset, marks.offset + marksLength);
  let end = HEAD + marksLength;
  for (const part of [names, answer, content]) {
    record.set(part, end);
    end += part.length;
  }
  return record;
}

/** 32 bits, signed: digests are uniform. */
export function hashOf(digest: string): number {
  return (
    digest.charCodeAt(0) | (digest.charCodeAt(1) << 8) | (digest.charCodeAt(2) << 16) | (digest.charCodeAt(3) << 24)
  );
}

/** The next 32 bits of the digest. */
export function secondHashIn({ page, at }: TokenRecord): number {
  return page.view.getInt32(at + DIGEST + 4, true);
}

export function isOf({ page, at }: TokenRecord, digest: string): boolean {
  for (let place = 0; place < DIGEST_LENGTH; place++) {
    if (page.bytes[at + DIGEST + place] !== digest.charCodeAt(place)) return false;
  }
  return true;
}

export function lengthOf({ page, at }: TokenRecord): number {
  return page.view.getInt32(at + LENGTH, true);
}

export function hashIn({ page, at }: TokenRecord): number {
  return page.view.getInt32(at + HASH, true);
}

/** Whether it was recalled since it was written, or since that was last taken back. */
export function isRecalled({ page, at }: TokenRecord): boolean {
  return page.view.getInt32(at + IS_RECALLED, true) !== 0;
}

export function setRecalled({ page, at }: TokenRecord, value: boolean): void {
  page.view.setInt32(at + IS_RECALLED, value ? 1 : 0, true);
}

export function admissionIn({ page, at }: TokenRecord): number {
  return page.view.getInt32(at + ADMISSION, true);
}

/** Bound to a key: whoever presents it must prove that it holds that. */
export function isBound({ page, at }: TokenRecord): boolean {
  return page.view.getInt32(at + IS_BOUND, true) !== 0;
}

/** Alive at `now` is what is not before `from` and before `until`: milliseconds, the leeway included. As `notAlive` has it. */
export function lifeOf({ page, at }: TokenRecord): { from: number; until: number } {
  return { from: page.view.getFloat64(at + ALIVE_FROM, true), until: page.view.getFloat64(at + ALIVE_UNTIL, true) };
}

/** The `changes` of the view by which no revocation named it; a number that no view has where it was not looked at yet. */
export function unnamedAt({ page, at }: TokenRecord): number {
  return page.view.getFloat64(at + UNNAMED_AT, true);
}

export function setUnnamedAt({ page, at }: TokenRecord, changes: number): void {
  page.view.setFloat64(at + UNNAMED_AT, changes, true);
}

/** Where they lie: no copy. */
export function marksIn({ page, at }: TokenRecord): Marks {
  return { bytes: page.bytes, offset: at + HEAD, count: page.view.getInt32(at + MARKS, true) };
}

export function namesIn(record: TokenRecord): Names {
  const from = namesFrom(record);
  const text = record.page.bytes.toString("utf8", from, from + sizeAt(record, NAMES));
  const known = namesByText.get(text);
  if (known !== undefined) return known;
  const [iss = "", clientId = "", scope = "", ...aud] = text.split(SEPARATOR);
  const names = { iss, client_id: clientId || undefined, scope: scope || undefined, aud };
  if (text.length > GREATEST_NAMES) return names;
  if (namesByText.size >= MOST_NAMES) namesByText.clear();
  namesByText.set(text, names);
  return names;
}

/** A copy, followed by `rest`. */
export function answerIn(record: TokenRecord, rest: Uint8Array): Buffer {
  const from = namesFrom(record) + sizeAt(record, NAMES);
  const size = sizeAt(record, ANSWER);
  const answer = Buffer.allocUnsafe(size + rest.length);
  record.page.bytes.copy(answer, 0, from, from + size);
  answer.set(rest, size);
  return answer;
}

/** All that was known of the token when it was remembered. */
export function unpackToken(record: TokenRecord, admission: Admission | undefined): Recognised {
  const marks = copyMarks(marksIn(record));
  return { kind: "access", standing: "current", ...contentOf(record), marks, admission, isRemembered: true };
}

export function contentOf(record: TokenRecord): Content {
  const from = namesFrom(record) + sizeAt(record, NAMES) + sizeAt(record, ANSWER);
  const text = record.page.bytes.toString("utf8", from, from + sizeAt(record, CONTENT));
  const content: Content = JSON.parse(text);
  return content;
}

function namesFrom(record: TokenRecord): number {
  return record.at + HEAD + sizeAt(record, MARKS) * MARK_LENGTH;
}

function sizeAt({ page, at }: TokenRecord, place: number): number {
  return page.view.getInt32(at + place, true);
}
