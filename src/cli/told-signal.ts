import { type Signal, SignalSeverity } from "../gen/assay/v1/token_service.ts";
import { durationText } from "./duration-text.ts";
import { coloured, printable } from "./output.ts";

const SEVERITIES: ReadonlyMap<number, string> = new Map([
  [SignalSeverity.SIGNAL_SEVERITY_INFO, "info"],
  [SignalSeverity.SIGNAL_SEVERITY_WARNING, "warning"],
  [SignalSeverity.SIGNAL_SEVERITY_CRITICAL, "critical"],
]);
const WIDTH = "critical".length;

const KINDS: ReadonlyMap<string, string> = new Map([
  ["refresh_token_reuse", "a refresh token was used again, and its family is dead"],
  ["refresh_token_forged", "a refresh token of a known family was forged"],
  ["refresh_retry_context_changed", "a refresh was sent again from elsewhere"],
  ["store_rollback", "a refresh token is of a generation that the store has not reached: it has gone back in time"],
  ["revoked_token_used", "a revoked token was presented"],
  ["expired_token_used", "an expired token was presented again and again"],
  ["token_context_changed", "a token came from elsewhere than it was issued to"],
  ["token_in_many_networks", "a token came from many networks"],
  ["token_velocity", "a token was used far more often than it uses to be"],
  ["audience_probing", "a token was tried at many audiences"],
  ["bad_token_burst", "many tokens were malformed or forged"],
  ["unknown_key_burst", "many tokens named keys that nobody publishes"],
  ["proof_replayed", "a DPoP proof was used again by another request"],
  ["proof_of_another_key", "a token that is bound to a key came with a proof of another"],
]);

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["revoke_token", "the token is being revoked"],
  ["revoke_family", "its family is being revoked"],
]);

/** One line, for who reads along: when, how much it matters, what it was, and by what it can be followed. */
export function lineOf(signal: Signal): string {
  const severity = severityOf(signal);
  const facts = [sentenceOf(signal), ...factsOf(signal)].join("; ");
  return `${timeOf(signal.at_ms)}  ${shown(severity)}  ${printable(facts)}`;
}

/** Under the names of the contract. */
export function jsonOf(signal: Signal): Record<string, unknown> {
  return { ...signal, severity: severityOf(signal), window: durationText(signal.window) };
}

/** What this version has no words for is told as it is named. */
function sentenceOf({ kind, detail }: Signal): string {
  const sentence = KINDS.get(kind) ?? kind.replaceAll("_", " ");
  return detail === undefined ? sentence : `${sentence} (${detail.replaceAll("_", " ")})`;
}

function factsOf(signal: Signal): string[] {
  const { client_id: client, action, reported_by: reportedBy } = signal;
  return [
    ...countOf(signal),
    ...(client === undefined ? [] : [`client ${client}`]),
    `presented by ${signal.caller}`,
    ...(reportedBy === undefined ? [] : [`reported by ${reportedBy}`]),
    ...(["token", "family", "subject", "network"] as const).flatMap((what) => {
      const fingerprint = signal[`${what}_fingerprint`];
      return fingerprint === undefined ? [] : [`${what} ${fingerprint}`];
    }),
    ...(action === undefined ? [] : [ACTIONS.get(action) ?? action]),
  ];
}

function countOf({ count, window }: Signal): string[] {
  if (count === undefined) return [];
  return [window === undefined ? String(count) : `${count} within ${window.seconds + window.nanos / 1e9} s`];
}

function severityOf({ severity }: Pick<Signal, "severity">): string {
  return SEVERITIES.get(severity) ?? "unknown";
}

function shown(severity: string): string {
  const text = severity.padEnd(WIDTH);
  if (severity === "critical") return coloured(["bold", "red"], text);
  return severity === "warning" ? coloured("yellow", text) : text;
}

function timeOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
