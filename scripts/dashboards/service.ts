/** How the service does: rate, errors and duration of each call, what introspections came to, and what they needed. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, type Section } from "./dashboard.ts";
import { figure, note, plot, spread } from "./panels.ts";
import { greatest, happened, orNought, perSecond, quantile, select, share } from "./promql.ts";

const CALLS = "rpc_server_call_duration_seconds";
const INTROSPECTIONS = "assay_introspections_total";
const LOOKUPS = "assay_remembered_tokens_lookups_total";
/** Streams last as long as their callers like. */
const NO_STREAM = 'rpc_method!~".+/(Watch.*|.*Stream)"';
const INTROSPECT = 'rpc_method=~".+/Introspect"';
const ALL_CALLS = perSecond(`${CALLS}_count`, "");
const FAILED = perSecond(`${CALLS}_count`, "", 'error_type!=""');

const HEAD = `**Is Assay answering, how fast, and what does it say?** The first row is how it is now; green is well, orange is worth a look, red is
what somebody is to be woken for. A token that is not good is an answer, not an error: it counts among outcomes below. Errors are calls that were
refused (a caller's mistake) or that failed (ours). Alerts that fire are red lines on every plot; what to do about each is in \`docs/runbooks.md\`.`;

const now: Section = {
  title: "Now",
  panels: [
    figure({
      title: "Instances",
      says: "How many instances tell metrics. With workers all of an instance count as one at the Prometheus endpoint.",
      unit: "short",
      expr: `count(${select("assay_revocations_staleness_seconds")})`,
    }),
    figure({
      title: "Calls",
      says: "Calls of all kinds, each second. A batch, and a stream, is one call.",
      unit: "reqps",
      expr: ALL_CALLS,
    }),
    figure({
      title: "Failed",
      says: "The share of calls that failed by a fault of the service: UNAVAILABLE, INTERNAL and the like. Alert from 1 % on.",
      unit: "percentunit",
      expr: share(FAILED, ALL_CALLS),
      limits: { warning: 0.001, critical: 0.01 },
    }),
    figure({
      title: "Introspect, 99th percentile",
      says: "99 of 100 calls of Introspect are answered within this time, as the server measures it. Alert from 100 ms on.",
      unit: "s",
      expr: quantile(0.99, CALLS, "", INTROSPECT),
      limits: { warning: 0.05, critical: 0.1 },
    }),
    figure({
      title: "Active",
      says: "The share of introspected tokens that were good for their caller. What is normal depends on your clients; a sudden fall is a sign of a broken client, a wrong configuration or an attack.",
      unit: "percentunit",
      expr: share(perSecond(INTROSPECTIONS, "", 'assay_outcome="active"'), perSecond(INTROSPECTIONS, "")),
    }),
    figure({
      title: "View's staleness",
      says: "How long ago it was last proved that no revocation is missing, at the instance that is worst. Beyond revocations.max_staleness (1 s) calls are answered UNAVAILABLE. Alert from 5 s on.",
      unit: "s",
      expr: `max(${select("assay_revocations_staleness_seconds")})`,
      limits: { warning: 1, critical: 5 },
    }),
  ],
};

const calls: Section = {
  title: "Calls: rate, errors, duration",
  panels: [
    plot({
      title: "Rate, by call",
      says: "Calls each second.",
      unit: "reqps",
      queries: [{ expr: perSecond(`${CALLS}_count`, "rpc_method"), legend: "{{rpc_method}}" }],
    }),
    plot({
      title: "Failed, by call",
      says: "The share of each call that failed by a fault of the service. 1 % and more for five minutes is an alert.",
      unit: "percentunit",
      queries: [
        {
          expr: `${perSecond(`${CALLS}_count`, "rpc_method", 'error_type!=""')} / ${perSecond(`${CALLS}_count`, "rpc_method")}`,
          legend: "{{rpc_method}}",
        },
      ],
      limits: { warning: 0.001, critical: 0.01 },
    }),
    plot({
      title: "Refused and failed, by reason",
      says: "Calls that ended with an error, each second, by the reason that their caller was told (proto/assay/v1/error_reason.proto). RATE_LIMITED are callers held back; CALL_GONE are callers that did not wait.",
      unit: "reqps",
      kind: "areas",
      queries: [{ expr: perSecond("assay_rpc_errors_total", "assay_reason"), legend: "{{assay_reason}}" }],
    }),
    plot({
      title: "Ends, by gRPC's status",
      says: "Calls each second by how they ended. OK includes tokens that are not active.",
      unit: "reqps",
      kind: "areas",
      queries: [
        { expr: perSecond(`${CALLS}_count`, "rpc_response_status_code"), legend: "{{rpc_response_status_code}}" },
      ],
    }),
    plot({
      title: "Duration, median",
      says: "Half of the calls are answered within this time. Streams are left out: they last as long as their callers like.",
      unit: "s",
      queries: [{ expr: quantile(0.5, CALLS, "rpc_method", NO_STREAM), legend: "{{rpc_method}}" }],
    }),
    plot({
      title: "Duration, 99th percentile",
      says: "99 of 100 calls are answered within this time. Issue and Revoke wait for the store to write, Introspect mostly waits for nothing.",
      unit: "s",
      queries: [{ expr: quantile(0.99, CALLS, "rpc_method", NO_STREAM), legend: "{{rpc_method}}" }],
    }),
    spread({
      title: "Durations of Introspect",
      says: "How many calls of Introspect took how long. Two bands are tokens that were remembered and tokens that had to be verified or looked up.",
      unit: "s",
      width: 24,
      expr: perSecond(`${CALLS}_bucket`, "le", INTROSPECT),
    }),
  ],
};

const introspections: Section = {
  title: "Introspections",
  panels: [
    plot({
      title: "Outcomes",
      says: "Introspected tokens each second, those in batches and streams too: active, why a token is not, or why none was judged. Callers see the reason only where they may diagnose.",
      unit: "reqps",
      kind: "areas",
      queries: [{ expr: perSecond(INTROSPECTIONS, "assay_outcome"), legend: "{{assay_outcome}}" }],
    }),
    plot({
      title: "Remembered tokens: hits",
      says: "The share of introspected tokens that were remembered, so that neither a signature was checked nor the store asked. It is low after a start and climbs; where it stays low, limits.remembered_bytes may be too small, or tokens are seldom seen twice.",
      unit: "percentunit",
      queries: [
        {
          expr: `${perSecond(LOOKUPS, "instance", 'assay_outcome="hit"')} / ${perSecond(LOOKUPS, "instance")}`,
          legend: "{{instance}}",
        },
      ],
    }),
    plot({
      title: "Remembered tokens: how many",
      says: "Tokens that need not be verified again while they live.",
      unit: "short",
      queries: [{ expr: greatest("assay_remembered_tokens_held", "instance"), legend: "{{instance}}" }],
    }),
    plot({
      title: "Remembered tokens: memory",
      says: "What was taken for them. The bound is limits.remembered_bytes, 256 MiB unless configured, of each worker.",
      unit: "bytes",
      queries: [{ expr: greatest("assay_remembered_tokens_memory_bytes", "instance"), legend: "{{instance}}" }],
    }),
  ],
};

const keys: Section = {
  title: "Keys of foreign issuers",
  panels: [
    plot({
      title: "Fetches",
      says: "Fetches of foreign issuers' keys by how they ended. Anything but `fetched` that goes on means that tokens with a new key cannot be verified, and in the end none of that issuer.",
      unit: "short",
      kind: "bars",
      queries: [
        {
          expr: happened("$__rate_interval", "assay_issuer_keys_fetches_total", "assay_issuer, assay_outcome"),
          legend: "{{assay_issuer}} {{assay_outcome}}",
        },
      ],
    }),
    plot({
      title: "Age of the keys in use",
      says: "Keys are fetched anew after issuers[].keys.max_age (10 min) and used for max_stale (1 h) more while they cannot be. A line that climbs beyond 10 min is an issuer that cannot be reached. Nothing is shown without foreign issuers.",
      unit: "s",
      queries: [
        {
          expr: greatest("assay_issuer_keys_age_seconds", "assay_issuer, instance"),
          legend: "{{assay_issuer}} {{instance}}",
        },
      ],
      limits: { warning: 900, critical: 3_600 },
    }),
  ],
};

const itself: Section = {
  title: "What Assay tells of itself",
  panels: [
    plot({
      title: "Silent workers",
      says: "Times that a worker did not tell its metrics within a second, so that sums lack what it counted since. A worker that does so again and again is stuck, or its machine is overloaded. Only at the Prometheus endpoint, and only with workers.",
      unit: "short",
      kind: "bars",
      queries: [
        { expr: happened("$__rate_interval", "assay_workers_silent_total", "instance"), legend: "{{instance}}" },
      ],
    }),
    plot({
      title: "Log events lost",
      says: "Signals and events of the audit trail that did not reach their receiver: queue_full (it is too slow or gone, and no more are kept) or export_failed (it did not take them). Every one is a gap in the trail.",
      unit: "short",
      kind: "bars",
      queries: [
        {
          expr: orNought(happened("$__rate_interval", "assay_log_events_lost_total", "error_type")),
          legend: "{{error_type}}",
        },
      ],
    }),
  ],
};

export function serviceDashboard(): Dashboard {
  return dashboard({
    uid: "assay-service",
    title: "Assay: service",
    description:
      "Rate, errors and duration of each call; outcomes of introspections; remembered tokens; keys of issuers.",
    head: [note(HEAD, 4)],
    sections: [now, calls, introspections, keys, itself],
  });
}
