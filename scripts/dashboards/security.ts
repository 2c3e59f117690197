/** Whether tokens are misused: signals, and what else there is to see of it. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, type Section } from "./dashboard.ts";
import { count, figure, listing, note, plot } from "./panels.ts";
import { greatest, happened, orNought, perSecond, select, share } from "./promql.ts";

const SIGNALS = "assay_signals_total";
const EVENTS = "assay_security_events_total";
const INTROSPECTIONS = "assay_introspections_total";
const ROTATIONS = "assay_rotations_total";
const CALLS = "rpc_server_call_duration_seconds_count";
/** What an honest client never does with its refresh token. */
const REUSED = 'assay_outcome=~"predecessor_reused|stale_generation|beyond_current"';
/** What honest tokens seldom are: made by somebody else, or shown with a proof that is not theirs. */
const FORGED =
  'assay_outcome=~"malformed|bad_signature|unknown_key|issuer_not_trusted|algorithm_not_allowed|header_not_allowed|invalid_proof|proof_replayed"';

const HEAD = `**Is a token being misused?** A signal is an observation that it may be: \`critical\` means that something was used which only a thief, or a
fault of the store, would use; \`warning\` is what honest traffic hardly does; \`info\` is kept for whoever investigates. Metrics name no token, client
or address: *which* token, family, subject and caller it was, by fingerprint, is in the log event \`assay.signal\` of the same moment, and what may be
done about it in \`docs/signals.md\` and \`docs/runbooks.md\`.`;

const ofSeverity = (name: string, limits: { warning: number; critical: number }) =>
  count({
    title: `Signals: ${name}`,
    says: `Signals of severity ${name} within the time that is shown.`,
    expr: orNought(happened("$__range", SIGNALS, "", `assay_signal_severity="${name}"`)),
    limits,
  });

const now: Section = {
  title: "Within the time that is shown",
  panels: [
    ofSeverity("critical", { warning: 0.5, critical: 0.5 }),
    ofSeverity("warning", { warning: 0.5, critical: 1_000 }),
    count({
      title: "Signals: all",
      says: "Signals of every severity within the time that is shown. Those of severity info are for whoever investigates.",
      expr: orNought(happened("$__range", SIGNALS, "")),
    }),
    count({
      title: "Refresh tokens reused",
      says: "Refresh tokens that were presented again after their successor was used, or of a generation that cannot be. Each of them killed its family: both the thief and the victim are logged out.",
      expr: orNought(happened("$__range", ROTATIONS, "", REUSED)),
      limits: { warning: 0.5, critical: 0.5 },
    }),
    count({
      title: "Revoked tokens used",
      says: "Introspections of tokens that are revoked. A few after each log-out are normal; one that goes on for long is somebody who does not know yet.",
      expr: orNought(happened("$__range", INTROSPECTIONS, "", 'assay_outcome="revoked"')),
    }),
    count({
      title: "Signals and audit events lost",
      says: "Log events that did not reach their receiver. What was lost cannot be investigated; the counts on this page have it all the same.",
      expr: orNought(happened("$__range", "assay_log_events_lost_total", "")),
      limits: { warning: 0.5, critical: 1_000 },
    }),
  ],
};

const signals: Section = {
  title: "Signals",
  panels: [
    plot({
      title: "By severity",
      says: "Signals as they came.",
      unit: "short",
      kind: "bars",
      queries: [
        { expr: happened("$__rate_interval", SIGNALS, "assay_signal_severity"), legend: "{{assay_signal_severity}}" },
      ],
    }),
    plot({
      title: "By kind",
      says: "Signals as they came, by what was observed. Each kind is explained in docs/signals.md.",
      unit: "short",
      kind: "bars",
      queries: [{ expr: happened("$__rate_interval", SIGNALS, "assay_signal_kind"), legend: "{{assay_signal_kind}}" }],
    }),
    listing({
      title: "All kinds",
      says: "How many signals of which kind and severity there were within the time that is shown.",
      unit: "short",
      expr: `sort_desc(${happened("$__range", SIGNALS, "assay_signal_kind, assay_signal_severity")})`,
      columns: { assay_signal_severity: "Severity", assay_signal_kind: "Kind" },
      value: "Signals",
    }),
    listing({
      title: "Alerts that fire",
      says: "Of deploy/prometheus/assay.rules.yaml. What each means, and what to do, is under its name in docs/runbooks.md.",
      unit: "short",
      expr: 'ALERTS{alertname=~"Assay.+", alertstate="firing"}',
      columns: { alertname: "Alert", severity: "Severity", assay_signal_kind: "Signal", instance: "Instance" },
      value: "Fires",
    }),
  ],
};

const inactive: Section = {
  title: "Tokens that were not good",
  panels: [
    figure({
      title: "Not active",
      says: "The share of introspections whose token was not good, or could not be judged.",
      unit: "percentunit",
      width: 4,
      expr: share(perSecond(INTROSPECTIONS, "", 'assay_outcome!="active"'), perSecond(INTROSPECTIONS, "")),
    }),
    figure({
      title: "Forged or malformed",
      says: "Tokens each second that nobody whom Assay trusts has made, or with a proof that is not theirs.",
      unit: "reqps",
      width: 4,
      expr: orNought(perSecond(INTROSPECTIONS, "", FORGED)),
    }),
    figure({
      title: "Refused refreshes",
      says: "The share of presented refresh tokens that got no new tokens. Honest clients make few: a retry within the grace is not refused.",
      unit: "percentunit",
      width: 4,
      expr: share(perSecond(ROTATIONS, "", 'assay_outcome!~"rotated|retried"'), perSecond(ROTATIONS, "")),
      limits: { warning: 0.05, critical: 0.2 },
    }),
    figure({
      title: "Callers not let in",
      says: "Calls each second without good credentials, or of callers without the permission.",
      unit: "reqps",
      width: 4,
      expr: orNought(perSecond(CALLS, "", 'rpc_response_status_code=~"UNAUTHENTICATED|PERMISSION_DENIED"')),
    }),
    figure({
      title: "Revocations asked for",
      says: "Calls of Revoke that were done, each second.",
      unit: "reqps",
      width: 4,
      expr: orNought(perSecond(CALLS, "", 'rpc_method=~".+/Revoke"', 'rpc_response_status_code="OK"')),
    }),
    figure({
      title: "Live revocations",
      says: "Revocations that are in force, as the instance that knows most of them has it.",
      unit: "short",
      width: 4,
      expr: `max(${greatest("assay_revocations_live", "instance")})`,
    }),
    plot({
      title: "Why tokens were not active",
      says: "Inactive tokens each second by reason. expired is everyday. bad_signature, unknown_key and malformed in numbers are somebody who makes tokens; audience_mismatch in numbers is a token that is tried where it does not belong.",
      unit: "reqps",
      kind: "areas",
      queries: [
        { expr: perSecond(INTROSPECTIONS, "assay_outcome", 'assay_outcome!="active"'), legend: "{{assay_outcome}}" },
      ],
    }),
    plot({
      title: "Forged or malformed, by reason",
      says: "The same, only those that honest tokens seldom are.",
      unit: "reqps",
      kind: "areas",
      queries: [{ expr: perSecond(INTROSPECTIONS, "assay_outcome", FORGED), legend: "{{assay_outcome}}" }],
    }),
  ],
};

const families: Section = {
  title: "Refreshes, revocations, callers",
  panels: [
    plot({
      title: "What became of refresh tokens",
      says: "Presented refresh tokens: rotated and retried are honest; predecessor_reused and stale_generation killed a family; beyond_current means that the store has gone back in time; dead, expired, unknown and refused got nothing.",
      unit: "short",
      kind: "bars",
      queries: [{ expr: happened("$__rate_interval", ROTATIONS, "assay_outcome"), legend: "{{assay_outcome}}" }],
    }),
    plot({
      title: "Families that died of reuse",
      says: "Each is a log-out of somebody whose refresh token was used twice: a theft, or a client that lost an answer and asked too late.",
      unit: "short",
      kind: "bars",
      queries: [
        { expr: happened("$__rate_interval", ROTATIONS, "assay_outcome", REUSED), legend: "{{assay_outcome}}" },
      ],
      limits: { warning: 0.5, critical: 0.5 },
    }),
    plot({
      title: "Issue and Revoke",
      says: "Tokens that were issued, refreshed or exchanged, and revocations, by how the calls ended.",
      unit: "reqps",
      queries: [
        {
          expr: perSecond(CALLS, "rpc_method, rpc_response_status_code", 'rpc_method=~".+/(Issue|Revoke)"'),
          legend: "{{rpc_method}} {{rpc_response_status_code}}",
        },
      ],
    }),
    plot({
      title: "Calls that were refused, by reason",
      says: "Who may not, or does too much: errors by the reason that the caller was told. Which caller it was is in the log.",
      unit: "reqps",
      kind: "areas",
      queries: [{ expr: perSecond("assay_rpc_errors_total", "assay_reason"), legend: "{{assay_reason}}" }],
    }),
  ],
};

const receivers: Section = {
  title: "Receivers of security events",
  panels: [
    plot({
      title: "What became of events",
      says: "Security events (revocations, narrower tokens, signals) by receiver: delivered, refused by it, or dropped (queue_full, expired, stopped). retried counts attempts that failed and are made again.",
      unit: "short",
      kind: "bars",
      queries: [
        {
          expr: happened("$__rate_interval", EVENTS, "assay_receiver, assay_outcome"),
          legend: "{{assay_receiver}} {{assay_outcome}}",
        },
      ],
    }),
    plot({
      title: "Events that wait",
      says: "Events that a receiver is still to be told, at all instances. A line that rises is a receiver that is slow or gone: at 10,000 of one process the newest are dropped.",
      unit: "short",
      queries: [
        {
          expr: `sum by (assay_receiver) (${select("assay_security_events_waiting")})`,
          legend: "{{assay_receiver}}",
        },
      ],
    }),
  ],
};

export function securityDashboard(): Dashboard {
  return dashboard({
    uid: "assay-security",
    title: "Assay: security",
    description:
      "Signals that tokens are misused, why tokens were not good, refresh tokens that were used again, revocations.",
    head: [note(HEAD, 5)],
    sections: [now, signals, inactive, families, receivers],
  });
}
