/** Times and amounts as people read them. */
import { html, type Markup } from "../html.ts";

const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** Of a number of seconds: `3 d 4 h`, `12 min`, `4.2 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "never";
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0 && parts.length < 2) parts.push(`${whole} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.join(" ");
}

/** In UTC, as logs have it. @param at milliseconds since the epoch */
export function moment(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** The time of day alone. */
export function timeOfDay(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)} UTC</time>`;
}

/** `12 min ago`, `in 3 d`. */
export function distance(at: number, now: number): string {
  const seconds = Math.abs(at - now) / 1_000;
  if (seconds < 1) return "now";
  return at < now ? `${duration(seconds)} ago` : `in ${duration(seconds)}`;
}

export function bytes(size: number): string {
  if (size < 1_024) return `${size} B`;
  return size < 1_048_576 ? `${(size / 1_024).toFixed(0)} KB` : `${(size / 1_048_576).toFixed(1)} MB`;
}

export function amount(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: value < 10 ? 2 : 3 });
}

export function count(value: number, one: string): string {
  return `${value.toLocaleString("en")} ${value === 1 ? one : `${one}s`}`;
}
