import { InvalidArgumentError } from "commander";
import { DURATION_HINT, parseDuration } from "../config/duration.ts";

/** For an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** `5s` in milliseconds. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined || value === 0) throw new InvalidArgumentError(`${DURATION_HINT}.`);
  return value;
}

/** NumericDate, or RFC 3339 as in 2026-01-31T12:00:00Z; in seconds since the epoch. */
export function time(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  const milliseconds = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new InvalidArgumentError("write seconds since 1970, or a time as 2026-01-31T12:00:00Z.");
  }
  return Math.floor(milliseconds / 1_000);
}

export function jsonObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new InvalidArgumentError('write a JSON object: {"tenant": "a"}.');
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
