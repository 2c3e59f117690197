import { EXPLANATIONS } from "../../core/signals/explanations.ts";
import type { ActionTaken, Severity, Signal } from "../../core/signals/signal.ts";
import { html, type Markup } from "../html.ts";
import type { SignalGroup } from "../signal-groups.ts";
import { duration, timeOfDay } from "./moments.ts";

const ACTIONS: Readonly<Record<ActionTaken, string>> = {
  revoke_token: "Its revocation was begun at once: the audit trail says what came of it.",
  revoke_family: "The revocation of its family was begun at once: the audit trail says what came of it.",
};
/** What is worth reading is open. */
const IS_OPEN: Readonly<Record<Severity, boolean>> = { info: false, warning: true, critical: true };

export function signalList(groups: readonly SignalGroup[]): Markup {
  return html`<ol class="signals" id="signals">
      ${groups.map(signalItem)}
    </ol>
    <p class="empty" id="no-signals" ${groups.length === 0 ? undefined : html` hidden`}>
      No signal since this instance was started. Should a stolen token be used, it shows here within a second.
    </p>`;
}

export function signalItem(group: SignalGroup): Markup {
  const { key, latest, count, since } = group;
  const aside = asideOf(group);
  const { title, meaning, next } = EXPLANATIONS[latest.kind];
  const { severity, action } = latest;
  const facts = factsOf(latest);
  return html`<li id="signal-${key}" data-severity="${severity}">
    <details${IS_OPEN[severity] ? html` open` : undefined}>
      <summary>
        <span class="badge ${severity}">${severity}</span>
        <span class="title">${title}${aside === "" ? undefined : html` <small>${aside}</small>`}</span>
        <span class="at">${timeOfDay(since)}</span>
      </summary>
      <p>${meaning}${action === undefined ? undefined : html` <strong>${ACTIONS[action]}</strong>`}</p>
      <p class="next"><strong>Next:</strong> ${next}</p>
      <dl class="facts">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
        ${
          count === 1
            ? undefined
            : html`<div>
                <dt>Last</dt>
                <dd>${timeOfDay(latest.at)}</dd>
              </div>`
        }
      </dl>
    </details>
  </li>`;
}

/** By which those of one kind are told apart while they are closed. */
function asideOf({ latest: { detail }, count }: SignalGroup): string {
  const times = count === 1 ? [] : [`${count.toLocaleString("en")} times`];
  return [...(detail === undefined ? [] : [detail.replaceAll("_", " ")]), ...times].join(", ");
}

function factsOf(signal: Signal): (readonly [string, string | Markup])[] {
  const { kind, clientId, caller, count, windowMs, reportedBy } = signal;
  const facts: (readonly [string, string | Markup | undefined])[] = [
    ["Kind", code(kind)],
    ["Client", clientId],
    ["Presented by", caller],
    // Its word alone: a verifier can make all of it up.
    ["Reported by", reportedBy],
    [
      "Count",
      count === undefined ? undefined : `${count}${windowMs === undefined ? "" : ` in ${duration(windowMs / 1_000)}`}`,
    ],
    ["Token", fingerprint(signal.tokenFingerprint)],
    ["Family", fingerprint(signal.familyFingerprint)],
    ["Subject", fingerprint(signal.subjectFingerprint)],
    ["Network", fingerprint(signal.networkFingerprint)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function fingerprint(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : code(text);
}

function code(text: string): Markup {
  return html`<code>${text}</code>`;
}
