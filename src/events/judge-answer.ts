import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../core/token/strict-json.ts";

/** What became of one attempt. `why` is one of few words, for logs: never what the receiver wrote. */
export type PushOutcome =
  | { outcome: "delivered" }
  /** The receiver does not take this one: another attempt would end alike. */
  | { outcome: "refused"; why: string }
  /** It may take it later; `afterMs` is when it says so itself. */
  | { outcome: "again"; why: string; afterMs?: number };

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** RFC 8935 section 2.4. */
const ERRORS: ReadonlySet<string> = new Set([
  "invalid_request",
  "invalid_key",
  "invalid_issuer",
  "invalid_audience",
  "authentication_failed",
  "access_denied",
]);
/** These speak of who sends, not of what is sent: they go when the receiver's configuration or ours is mended. */
const ABOUT_SENDER: ReadonlySet<unknown> = new Set(["authentication_failed", "access_denied"]);
/** Besides all from 500. A route that is missing (404) may be one that is being deployed. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 404, 408, 425, 429]);

/** What an answer to a push means (RFC 8935 section 2): only 202 says that the receiver has it. @param now for a Retry-After that is a date */
export function judgeAnswer({ status, headers, body }: Answer, now: number): PushOutcome {
  if (status === 202) return { outcome: "delivered" };
  if (status === 400) {
    const error = errorOf(body);
    const why = error ?? "status 400";
    return ABOUT_SENDER.has(error) ? { outcome: "again", why } : { outcome: "refused", why };
  }
  const why = `status ${status}`;
  if (status < 500 && !PASSING.has(status)) return { outcome: "refused", why };
  const afterMs = retryAfterMs(headers["retry-after"], now);
  return { outcome: "again", why, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Its description is left unread: it may quote what it speaks of. */
function errorOf(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    const error = isObject(answer) ? answer["err"] : undefined;
    return typeof error === "string" && ERRORS.has(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
