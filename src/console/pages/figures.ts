import type { Environment } from "../../core/environment.ts";
import type { Severity } from "../../core/signals/signal.ts";
import { html, type Markup } from "../html.ts";
import type { Told } from "../shown.ts";
import type { Sample } from "../traffic.ts";
import type { SignalGroup } from "../signal-groups.ts";
import { amount, count, duration } from "./moments.ts";

type Tone = "good" | "warning" | "bad" | "plain";
type Figure = { name: string; value: string; unit?: string; note: string; tone?: Tone };

/** How old a view may be before it is worth a look, in seconds: proofs come several times a second. */
const LATE_S = 1;

/** What one wants to know first. */
export function figures(
  samples: readonly Sample[],
  told: readonly Told[] | undefined,
  environment: Pick<Environment, "revocations">,
  groups: readonly SignalGroup[],
): Markup {
  const sample = samples.at(-1);
  return html`${[
    ...(told === undefined ? [] : [rate(sample), latency(sample), activeShare(samples)]),
    view(environment, told),
    signals(groups),
  ].map(tile)}`;
}

function tile({ name, value, unit, note, tone = "plain" }: Figure): Markup {
  return html`<div class="tile ${tone}">
    <dt>${name}</dt>
    <dd>
      <span class="value">${value}${unit === undefined ? undefined : html` <small>${unit}</small>`}</span>
      <span class="note">${note}</span>
    </dd>
  </div>`;
}

function rate(sample: Sample | undefined): Figure {
  const { introspections = 0, issues = 0, revocations = 0 } = sample?.rates ?? {};
  const note = `${amount(issues)} issued, ${amount(revocations)} revoked a second`;
  return { name: "Introspections", value: amount(introspections), unit: "/s", note };
}

function latency(sample: Sample | undefined): Figure {
  const { p50, p99 } = sample ?? {};
  if (p50 === undefined || p99 === undefined) return { name: "Latency", value: "–", note: "no call lately" };
  return {
    name: "Latency",
    value: amount(p50),
    unit: "ms",
    note: `half of the calls; 99\u00A0% within ${amount(p99)}\u00A0ms`,
  };
}

/** Over all that is known: of the last two seconds it would jump. */
function activeShare(samples: readonly Sample[]): Figure {
  const all = samples.reduce((sum, { rates }) => sum + rates.introspections, 0);
  if (all === 0) return { name: "Active", value: "–", note: "nothing was asked lately" };
  const active = samples.reduce((sum, { outcomes }) => sum + outcomes.active, 0);
  const failed = samples.some(({ outcomes }) => outcomes.failed > 0);
  return {
    name: "Active",
    value: String(Math.floor((active / all) * 1_000) / 10),
    unit: "%",
    note: failed ? "some questions had no answer" : "of what was asked lately",
    tone: failed ? "bad" : "plain",
  };
}

/** The oldest view of all processes decides: each answers from its own. */
function view({ revocations }: Pick<Environment, "revocations">, told: readonly Told[] | undefined): Figure {
  const known = (told ?? []).flatMap(({ figures: own }) => (own === undefined ? [] : [own.view.staleFor]));
  const oldest = Math.max(revocations.staleForMs() / 1_000, ...known);
  const { entries } = revocations.size();
  const problem = revocations.problem();
  return {
    name: "View of revocations",
    value: oldest === Infinity ? "unknown" : duration(oldest),
    ...(oldest === Infinity ? {} : { unit: "old" }),
    note: problem === undefined ? `${entries.toLocaleString("en")} live` : "not fresh enough to answer from",
    tone: problem !== undefined ? "bad" : oldest > LATE_S ? "warning" : "good",
  };
}

function signals(groups: readonly SignalGroup[]): Figure {
  const ofSeverity = (severity: Severity): number => groups.filter(({ latest }) => latest.severity === severity).length;
  const [critical, warnings] = [ofSeverity("critical"), ofSeverity("warning")];
  const all = groups.reduce((sum, group) => sum + group.count, 0);
  const note = `${critical} critical, ${count(warnings, "warning")}; ${all.toLocaleString("en")} in all`;
  return {
    name: "Signals",
    value: groups.length.toLocaleString("en"),
    note: all === 0 ? "none since the start" : note,
    tone: critical > 0 ? "bad" : warnings > 0 ? "warning" : "good",
  };
}
