import type { z } from "zod";
import type { Mistake, Path } from "./config-error.ts";
import { formatPath } from "./config-error.ts";
import { nearestName } from "./nearest-name.ts";
import { descriptionOf, keysOf, schemaAt } from "./schema-walk.ts";

type Issue = z.core.$ZodIssue;
export type LocatedMistake = Mistake & { at: Path };

const WANTED = new Map([
  ["string", "write text, in quotes where it looks like something else"],
  ["number", "write a number"],
  ["int", "write a whole number"],
  ["boolean", "write true or false"],
  ["array", "write a list"],
  ["object", "write a mapping of keys to values"],
]);

/** What zod found, in plain sentences with the mend. Values are named only where the schema lists the possible ones. */
export function plainMistakes(schema: unknown, input: unknown, issue: Issue): LocatedMistake[] {
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  if (issue.code === "invalid_union") return ofNearestForm(schema, input, path, issue.errors);
  if (issue.code !== "unrecognized_keys") {
    return [mistake(path, plainMessage(issue, valueAt(input, path), descriptionOf(schemaAt(schema, path))))];
  }
  const known = Object.keys(keysOf(schemaAt(schema, path)) ?? {});
  return issue.keys.map((key) => mistake([...path, key], unknownKey(key, known)));
}

/** What may be written in several forms is held to the one that was begun: a mapping, or else the first. */
function ofNearestForm(schema: unknown, input: unknown, path: Path, forms: readonly Issue[][]): LocatedMistake[] {
  const isWrittenAs = (form: readonly Issue[]): boolean =>
    !form.some(({ code, path: at }) => at.length === 0 && (code === "invalid_value" || code === "invalid_type"));
  const issues = forms.find(isWrittenAs) ?? forms[0] ?? [];
  return issues.flatMap((issue) => plainMistakes(schema, input, { ...issue, path: [...path, ...issue.path] }));
}

function mistake(at: Path, message: string): LocatedMistake {
  return { at, path: formatPath(at), message };
}

function plainMessage(issue: Issue, value: unknown, description: string | undefined): string {
  if (value === undefined)
    return description === undefined ? "is missing: add it" : `is missing: add it. ${description}`;
  if (value === null) return "is empty: give it a value or remove the key";
  if (issue.code === "invalid_value") return unknownValue(value, issue.values.map(String));
  if (issue.code === "too_small") return tooSmall(issue);
  if (issue.code === "too_big") return tooBig(issue);
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
    return `is ${kindOf(value)}: ${WANTED.get(issue.expected) ?? `write ${issue.expected}`}`;
  }
  return issue.message;
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return `is no known key: ${nearest === undefined ? "remove it" : `did you mean '${nearest}'?`} Known here: ${known.join(", ")}`;
}

function unknownValue(value: unknown, allowed: readonly string[]): string {
  const nearest = typeof value === "string" ? nearestName(value, allowed) : undefined;
  const question = nearest === undefined ? "" : ` (did you mean '${nearest}'?)`;
  return `is not one of the possible values: write ${allowed.join(", ")}${question}`;
}

function tooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") return "is empty: give it a value or remove the key";
  if (issue.origin === "array") return "is an empty list: name at least one";
  return `is too small: write ${issue.minimum} or more`;
}

function tooBig(issue: Extract<Issue, { code: "too_big" }>): string {
  if (issue.origin === "string") return `is too long: write at most ${issue.maximum} characters`;
  if (issue.origin === "array") return `is too long a list: name at most ${issue.maximum}`;
  return `is too great: write ${issue.maximum} or less`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "true or false";
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((parent, key) => {
    const within: unknown = typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined;
    return within;
  }, input);
}
