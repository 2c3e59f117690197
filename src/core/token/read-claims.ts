import type { Actor, Claims, Confirmation } from "./claims.ts";
import { isObject } from "./strict-json.ts";

/** The end of the year 9999: what lies beyond is no date. */
const MAX_NUMERIC_DATE = 253_402_300_799;
const MAX_TEXT_LENGTH = 1_024;
const MAX_LIST_LENGTH = 64;

export const MAX_ACT_DEPTH = 4;

/**
 * The claims of a decoded payload, each of its proper type; undefined when one is missing or is not. `iss`, `aud`, `exp` and
 * `iat` are required. Whether they may be believed, and whether they suffice, is decided elsewhere.
 */
export function readClaims(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const {
    iss,
    sub,
    aud,
    client_id,
    scope,
    exp,
    iat,
    nbf,
    jti,
    sid,
    cnf,
    act,
    auth_time,
    acr,
    amr,
    username,
    assay_from,
    ...extra
  } = payload;
  try {
    return {
      iss: text(iss),
      sub: optional(sub, text),
      aud: typeof aud === "string" ? [text(aud)] : texts(aud),
      client_id: optional(client_id, text),
      scope: optional(scope, scopeText),
      exp: numericDate(exp),
      iat: numericDate(iat),
      nbf: optional(nbf, numericDate),
      jti: optional(jti, text),
      sid: optional(sid, text),
      cnf: optional(cnf, confirmation),
      act: optional(act, actor),
      auth_time: optional(auth_time, numericDate),
      acr: optional(acr, text),
      amr: optional(amr, texts),
      username: optional(username, text),
      assay_from: optional(assay_from, text),
      extra,
    };
  } catch (error) {
    if (error instanceof WrongType) return undefined;
    throw error;
  }
}

class WrongType extends Error {}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function text(value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > MAX_TEXT_LENGTH || !value.isWellFormed())
    throw new WrongType();
  return value;
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_LIST_LENGTH) throw new WrongType();
  return value.map(text);
}

/** An empty scope is said by some issuers that grant none; ours then say nothing. */
function scopeText(value: unknown): string {
  if (typeof value !== "string" || !/^(?:[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*)?$/.test(value))
    throw new WrongType();
  return value;
}

function numericDate(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > MAX_NUMERIC_DATE)
    throw new WrongType();
  return value;
}

function confirmation(value: unknown): Confirmation {
  if (!isObject(value)) throw new WrongType();
  const { jkt, "x5t#S256": x5tS256, ...others } = value;
  return Object.keys(others).length > 0 ? {} : { jkt: optional(jkt, text), "x5t#S256": optional(x5tS256, text) };
}

function actor(value: unknown): Actor {
  let depth = 0;
  for (let current: unknown = value; current !== undefined; current = current["act"]) {
    if (!isObject(current) || ++depth > MAX_ACT_DEPTH) throw new WrongType();
  }
  if (!isObject(value)) throw new WrongType();
  return value;
}
