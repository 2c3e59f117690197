import type { IntrospectResponse } from "../gen/assay/v1/token_service.ts";
import { challengeToJSON, inactiveReasonToJSON } from "../gen/assay/v1/token_service.ts";
import { durationText } from "./duration-text.ts";
import { coloured, printJson, printLine, printTable } from "./output.ts";
import type { Row } from "./output.ts";
import { jsonOf, lineOf } from "./told-signal.ts";

/** What Introspect answered, under the names of RFC 7662. @param asked `signals`: they were asked for */
export function printIntrospection(answer: IntrospectResponse, asked: { json?: boolean; signals?: boolean }): void {
  const { active, ...rest } = asJson(answer);
  if (asked.json === true) {
    printJson({ active, ...rest, ...(asked.signals === true ? { signals: answer.signals.map(jsonOf) } : {}) });
    return;
  }
  printLine(answer.active ? coloured(["bold", "green"], "active") : coloured(["bold", "red"], "inactive"));
  printTable(Object.entries(rest).map(([name, value]): Row => [name, readable(name, value)]));
  if (asked.signals === true) printSignals(answer);
}

function printSignals({ signals }: IntrospectResponse): void {
  printLine();
  if (signals.length === 0) printLine("no signals");
  for (const signal of signals) printLine(lineOf(signal));
}

function asJson(answer: IntrospectResponse): { active: boolean } & Record<string, unknown> {
  // Marks are not asked for here, and signals are told apart.
  const {
    aud,
    amr,
    cnf,
    challenge,
    inactive_reason,
    stale_for,
    cacheable_for,
    marks: _,
    signals: __,
    ...same
  } = answer;
  return {
    ...same,
    aud: aud.length > 0 ? aud : undefined,
    amr: amr.length > 0 ? amr : undefined,
    cnf: cnf === undefined ? undefined : { jkt: cnf.jkt, "x5t#S256": cnf.x5t_s256 },
    challenge: challenge === undefined ? undefined : enumName("CHALLENGE_", challengeToJSON(challenge)),
    inactive_reason:
      inactive_reason === undefined ? undefined : enumName("INACTIVE_REASON_", inactiveReasonToJSON(inactive_reason)),
    stale_for: durationText(stale_for),
    cacheable_for: durationText(cacheable_for),
  };
}

function enumName(prefix: string, name: string): string {
  return name.replace(prefix, "").toLowerCase();
}

function readable(name: string, value: unknown): string | number | undefined {
  if (value === undefined || typeof value === "string") return value;
  if (typeof value === "number") return TIMES.has(name) ? `${value}  ${dateOf(value)}` : value;
  if (Array.isArray(value)) return value.join(" ");
  return JSON.stringify(value);
}

const TIMES: ReadonlySet<string> = new Set(["exp", "iat", "nbf", "auth_time"]);

function dateOf(numericDate: number): string {
  const date = new Date(numericDate * 1_000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
