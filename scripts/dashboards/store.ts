/** Whether revocations get everywhere in time, and what the store has to do with it. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, type Section } from "./dashboard.ts";
import { figure, note, plot, spread } from "./panels.ts";
import { greatest, orNought, perSecond, quantile, select, share } from "./promql.ts";

const STALENESS = "assay_revocations_staleness_seconds";
const PROPAGATION = "assay_revocations_propagation_seconds";
const LIVE = "assay_revocations_live";
const STORE = "assay_store_operation_duration_seconds";
const FAILING = 'error_type!=""';

const HEAD = `**Does every instance know what is revoked, and does the store keep up?** Each instance holds all live revocations in its own memory, its *view*, and
follows the store's log. It proves again and again that it misses none; while it cannot, it answers \`UNAVAILABLE\` rather than guess. Below are that
proof's age, how long a revocation takes to get from the store to an instance, and how long calls wait for the store (at a verifier: for its authority).`;

const now: Section = {
  title: "Now",
  panels: [
    figure({
      title: "View's staleness",
      says: "How long ago it was last proved that no revocation is missing, at the instance that is worst. Beyond revocations.max_staleness (1 s) calls are answered UNAVAILABLE. Alert from 5 s on.",
      unit: "s",
      expr: `max(${select(STALENESS)})`,
      limits: { warning: 1, critical: 5 },
    }),
    figure({
      title: "Propagation, 99th percentile",
      says: "99 of 100 revocations were applied at an instance this soon after the store wrote them. Alert from 1 s on.",
      unit: "s",
      expr: quantile(0.99, PROPAGATION, ""),
      limits: { warning: 0.25, critical: 1 },
    }),
    figure({
      title: "Live revocations",
      says: "As the instance that knows most of them has it. revocations.capacity bounds them (2,000,000 unless configured): a full view refuses to revoke more. Alert from 1,600,000 on.",
      unit: "short",
      expr: `max(${select(LIVE)})`,
      limits: { warning: 1_000_000, critical: 1_600_000 },
    }),
    figure({
      title: "Questions to the store",
      says: "Each second, only those that a call waits for. Introspections of remembered tokens, and of JWTs, ask nothing.",
      unit: "ops",
      expr: perSecond(`${STORE}_count`, ""),
    }),
    figure({
      title: "Slowest question, 99th percentile",
      says: "The kind of question that takes longest. Beyond store.timeout (200 ms) a call is given up. Alert from 100 ms on.",
      unit: "s",
      expr: `max(${quantile(0.99, STORE, "assay_store_operation")})`,
      limits: { warning: 0.05, critical: 0.1 },
    }),
    figure({
      title: "Failed questions",
      says: "The share of questions to the store that failed. Alert from 1 % on.",
      unit: "percentunit",
      expr: share(perSecond(`${STORE}_count`, "", FAILING), perSecond(`${STORE}_count`, "")),
      limits: { warning: 0.001, critical: 0.01 },
    }),
  ],
};

const view: Section = {
  title: "The view of revocations",
  panels: [
    plot({
      title: "Staleness",
      says: "How long ago each instance last proved that it misses no revocation. Sawteeth below a quarter of a second are normal; a line that climbs is an instance, or a store, that is cut off. A day (86,400 s) means that nothing is proved at all.",
      unit: "s",
      queries: [{ expr: greatest(STALENESS, "instance"), legend: "{{instance}}" }],
      limits: { warning: 1, critical: 5 },
    }),
    spread({
      title: "Propagation",
      says: "How long after the store wrote it a revocation was applied, as the log brought it. Not at verifiers, which are not told when that was.",
      unit: "s",
      expr: perSecond(`${PROPAGATION}_bucket`, "le"),
    }),
    plot({
      title: "Propagation, by instance",
      says: "99 of 100 revocations were applied this soon after they were written. One slow instance among fast ones has a slow way to the store, or too little processor.",
      unit: "s",
      queries: [{ expr: quantile(0.99, PROPAGATION, "instance"), legend: "{{instance}}" }],
      limits: { warning: 0.25, critical: 1 },
    }),
    plot({
      title: "Revocations that came",
      says: "By the log, each second, at each instance: the same everywhere.",
      unit: "ops",
      queries: [{ expr: perSecond(`${PROPAGATION}_count`, "instance"), legend: "{{instance}}" }],
    }),
    plot({
      title: "Live revocations, by instance",
      says: "What each instance knows: the same everywhere. They expire when nothing that they name can still be alive.",
      unit: "short",
      queries: [{ expr: greatest(LIVE, "instance"), legend: "{{instance}}" }],
      limits: { warning: 1_000_000, critical: 1_600_000 },
    }),
    plot({
      title: "Memory of the view",
      says: "About 42 bytes for each live revocation; with workers each of them has its own, and this is their sum.",
      unit: "bytes",
      queries: [{ expr: greatest("assay_revocations_memory_bytes", "instance"), legend: "{{instance}}" }],
    }),
  ],
};

const store: Section = {
  title: "The store, as calls wait for it",
  panels: [
    plot({
      title: "Duration by question, 99th percentile",
      says: "What writes (append, rotate, put) waits until it is safe on disk, and on replicas where they are promised. Everything slow at once is the disk, or the network; one question alone is the work it does.",
      unit: "s",
      queries: [
        {
          expr: quantile(0.99, STORE, "assay_store_kind, assay_store_operation"),
          legend: "{{assay_store_kind}} {{assay_store_operation}}",
        },
      ],
      limits: { warning: 0.05, critical: 0.1 },
    }),
    plot({
      title: "Duration by question, median",
      says: "Half of the questions are answered within this time.",
      unit: "s",
      queries: [
        {
          expr: quantile(0.5, STORE, "assay_store_kind, assay_store_operation"),
          legend: "{{assay_store_kind}} {{assay_store_operation}}",
        },
      ],
    }),
    plot({
      title: "Questions",
      says: "Each second, by what is asked.",
      unit: "ops",
      kind: "areas",
      queries: [
        {
          expr: perSecond(`${STORE}_count`, "assay_store_kind, assay_store_operation"),
          legend: "{{assay_store_kind}} {{assay_store_operation}}",
        },
      ],
    }),
    plot({
      title: "Failed questions, by kind",
      says: "Each second, by what was asked and how it failed. store_unavailable is a store, or an authority, that does not answer in time.",
      unit: "ops",
      kind: "areas",
      queries: [
        {
          expr: orNought(perSecond(`${STORE}_count`, "assay_store_operation, error_type", FAILING)),
          legend: "{{assay_store_operation}} {{error_type}}",
        },
      ],
      limits: { warning: 0.001, critical: 1 },
    }),
    spread({
      title: "Durations of all questions",
      says: "How many questions took how long.",
      unit: "s",
      width: 24,
      expr: perSecond(`${STORE}_bucket`, "le"),
    }),
  ],
};

export function storeDashboard(): Dashboard {
  return dashboard({
    uid: "assay-store",
    title: "Assay: store",
    description:
      "Staleness and size of the view of revocations, how soon they propagate, and how long calls wait for the store.",
    head: [note(HEAD, 4)],
    sections: [now, view, store],
  });
}
