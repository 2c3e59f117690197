import type { Random } from "../chaos/random.ts";
import { type Caller, LOGIN } from "./callers.ts";
import type { Context, Observation, Seen, TokenIdentity } from "./observation.ts";
import type { Session } from "./session.ts";
import { DAY, HOUR } from "./time.ts";

type Introspected = Extract<Observation, { kind: "introspect" }>;
type Refreshed = Extract<Observation, { kind: "refresh" }>;

/** What is known besides the token. */
type Circumstances = { at: number; by: Caller; context: Context } & Pick<Seen, "keyId" | "proof" | "requestId">;

const INSTANCES = ["assay-1", "assay-2", "assay-3"] as const;
const KEY_PERIOD = 7 * DAY;
/** Keys change on Wednesdays at three; the epoch was a Thursday. */
const KEY_OFFSET = DAY - 3 * HOUR;

/** @param token what the server knows of it; undefined for what it does not recognise */
export function introspected(
  random: Random,
  circumstances: Circumstances,
  outcome: Introspected["outcome"],
  token?: TokenIdentity,
): Introspected {
  const known = token === undefined ? {} : { token, ...keyIdOf(token) };
  return { ...seen(random, circumstances), ...known, kind: "introspect", outcome };
}

/** Of the key that signs at a time. */
export function keyIdAt(at: number): string {
  return `key-${Math.floor((at + KEY_OFFSET) / KEY_PERIOD)}`;
}

/** A first issue. */
export function issued(random: Random, at: number, context: Context, access: TokenIdentity): Observation {
  return { ...seen(random, { at, by: LOGIN, context }), kind: "issue", outcome: "issued", issued: access };
}

/** @param presented the session whose refresh token is presented @param next what comes of it, where something does */
export function refreshed(
  random: Random,
  { at, context }: Pick<Circumstances, "at" | "context">,
  outcome: Refreshed["outcome"],
  presented: Session,
  next?: Session,
): Refreshed {
  const yielded = next === undefined ? {} : { issued: next.access };
  return {
    ...seen(random, { at, by: LOGIN, context }),
    token: presented.refresh,
    kind: "refresh",
    outcome,
    ...yielded,
  };
}

function seen(random: Random, { at, by, context, ...rest }: Circumstances): Seen {
  const forwarded = by.forwards ? context : {};
  return {
    at,
    instance: random.oneOf(INSTANCES),
    caller: by.name,
    audience: [by.audience],
    ...forwarded,
    ...rest,
  };
}

/** Only a JWT has a header. */
function keyIdOf({ kind, issuedAt }: TokenIdentity): Pick<Seen, "keyId"> {
  return kind === "access_jwt" ? { keyId: keyIdAt(issuedAt) } : {};
}
