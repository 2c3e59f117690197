/** What values look like that several parts of the configuration share. */
import { z } from "zod";
import { DURATION_HINT, DURATION_PATTERN, parseDuration } from "./duration.ts";

export const milliseconds = z
  .string(DURATION_HINT)
  .regex(DURATION_PATTERN, DURATION_HINT)
  .transform((text, context) => {
    const value = parseDuration(text);
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", message: DURATION_HINT, input: text });
    return z.NEVER;
  });

export const seconds = milliseconds
  .refine((value) => value % 1_000 === 0, "write whole seconds: 10s, 15m, 1h, 7d")
  .transform((value) => value / 1_000);

export const identifier = z.string().min(1).max(255);
export const identifiers = z.array(identifier);
export const scopes = z.array(
  z
    .string()
    .regex(
      /^[\x21\x23-\x5B\x5D-\x7E]+$/,
      "a scope is printable ASCII without space, quote and backslash (RFC 6749 section 3.3)",
    ),
);
export const issuerUrl = z.string().min(1).max(255);
export const callsPerSecond = z.number().min(0.01).max(1_000_000);
export const callsAtOnce = z.int().min(1).max(1_000_000);
