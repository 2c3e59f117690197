import { isObject } from "../token/strict-json.ts";
import { type ActionTaken, SEVERITIES, type Signal, SIGNAL_KINDS } from "./signal.ts";

const ACTIONS = ["revoke_token", "revoke_family"] satisfies ActionTaken[];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FINGERPRINT = /^[0-9a-f]{16}$/;
const WORD = /^[a-z][a-z0-9_]{0,63}$/;
/** Whatever might command a terminal, forge a line, or turn what is read around. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const GREATEST_NAME = 255;
const LAST_TIME = 8_640_000_000_000_000;

type Rule = (value: unknown) => boolean;

const fingerprint = optional(matching(FINGERPRINT));

/** Of each field, so that none is taken as it came. */
const RULES: Readonly<Record<keyof Signal, Rule>> = {
  id: matching(UUID),
  at: isTime,
  kind: among(SIGNAL_KINDS),
  severity: among(SEVERITIES),
  caller: isName,
  clientId: optional(isName),
  detail: optional(matching(WORD)),
  count: optional(isCount),
  windowMs: optional(isCount),
  tokenFingerprint: fingerprint,
  familyFingerprint: fingerprint,
  subjectFingerprint: fingerprint,
  networkFingerprint: fingerprint,
  action: optional(among(ACTIONS)),
  reportedBy: optional(isName),
};

/**
 * A signal that another process has told, of which nothing is believed before it was looked at: no text is taken but words of ours, names
 * and fingerprints. What else it holds is left out.
 * @returns undefined for what is none, or of a kind that is not known here
 */
export function readSignal(value: unknown): Signal | undefined {
  if (!isObject(value)) return undefined;
  const fields = Object.keys(RULES).flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]]));
  const known: unknown = Object.fromEntries(fields);
  return isSignal(known) ? known : undefined;
}

function isSignal(value: unknown): value is Signal {
  return isObject(value) && Object.entries(RULES).every(([name, rule]) => rule(value[name]));
}

function optional(rule: Rule): Rule {
  return (value) => value === undefined || rule(value);
}

function matching(pattern: RegExp): Rule {
  return (value) => typeof value === "string" && pattern.test(value);
}

function among(words: readonly string[]): Rule {
  return (value) => typeof value === "string" && words.includes(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Milliseconds of a date that can be shown: of what lies beyond there is none (ECMA-262, "Time Values"). */
function isTime(value: unknown): boolean {
  return isCount(value) && Number(value) <= LAST_TIME;
}

function isName(value: unknown): boolean {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return false;
  return value.length <= GREATEST_NAME && !UNPRINTABLE.test(value);
}
