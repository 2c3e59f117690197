import type { Asked, Page } from "../asked.ts";
import { html, type Markup } from "../html.ts";
import { type Outcome, OUTCOME_NAMES, OUTCOMES } from "../outcomes.ts";
import { figures } from "./figures.ts";
import { instances } from "./instances.ts";
import { layout } from "./layout.ts";
import { signalList } from "./signals.ts";

type Series = { key: string; name: string };

const RATES: readonly Series[] = [
  { key: "introspections", name: "introspections" },
  { key: "issues", name: "issued" },
  { key: "revocations", name: "revoked" },
];
const LATENCIES: readonly Series[] = [
  { key: "p50", name: "half within" },
  { key: "p99", name: "99 % within" },
];
const OUTCOME_SERIES = OUTCOMES.map((key: Outcome): Series => ({ key, name: OUTCOME_NAMES[key] }));

export function overviewPage({ shown, visitor, told }: Asked): Page {
  const { environment } = shown;
  const problem = environment.revocations.problem();
  const body = html`<h1 class="unseen">Overview</h1>
    ${problem === undefined ? undefined : html`<p class="alert bad" role="alert"><strong>Not ready.</strong> ${problem}</p>`}
    <dl class="tiles" data-part="figures">${figures(told.samples(), told.last(), environment, told.groups())}</dl>
    <p class="jump"><a href="#latest">To the signals</a></p>
    <div class="columns">
      <section class="plots" aria-labelledby="traffic">
        <h2 id="traffic">Traffic <small>of the last minutes</small></h2>
        ${told.last() === undefined ? withoutPlots() : plots()}
        <h2 id="view">View of revocations <small>each process answers from its own</small></h2>
        <div class="card scroll" data-part="instances" role="region" aria-labelledby="view" tabindex="0">
          ${instances(told.last(), environment)}
        </div>
      </section>
      <section aria-labelledby="latest">
        <div class="heading">
          <h2 id="latest">Signals <small>the newest first</small></h2>
          <fieldset class="filter" id="filter" hidden>
            <legend class="unseen">Show signals</legend>
            ${[filter("info", "All", true), filter("warning", "Warnings", false), filter("critical", "Critical", false)]}
          </fieldset>
        </div>
        ${signalList(told.groups())}
      </section>
    </div>`;
  return { status: 200, markup: layout({ title: "Overview", at: "/", shown, visitor: visitor.caller.name, body }) };
}

function plots(): Markup {
  return html`<noscript><p class="alert">Plots need JavaScript. What is above and below does not.</p></noscript> ${[
      plot("rate", "Calls a second", RATES),
      plot("latency", "Latency of Introspect, milliseconds", LATENCIES),
      plot("outcomes", "Introspections a second, by outcome", OUTCOME_SERIES),
    ]}`;
}

function plot(kind: string, title: string, series: readonly Series[]): Markup {
  return html`<figure class="card plot" data-plot="${kind}" hidden>
    <figcaption>
      <span class="title" id="plot-${kind}">${title}</span>
      <ul class="legend">
        ${series.map(
          ({ key, name }) =>
            html`<li data-series="${key}"><span class="swatch ${key}"></span>${name} <output></output></li>`,
        )}
      </ul>
    </figcaption>
    <div class="canvas" tabindex="0" role="img" aria-labelledby="plot-${kind}"></div>
  </figure>`;
}

function withoutPlots(): Markup {
  return html`<p class="card empty">
    Nothing is counted yet. If this stays, metrics are off: remove <code>telemetry.enabled: false</code>, and what the
    environment sets against OpenTelemetry.
  </p>`;
}

function filter(value: string, name: string, isChosen: boolean): Markup {
  return html`<label
    ><input type="radio" name="severity" value="${value}" ${isChosen ? html` checked` : undefined} /><span
      >${name}</span
    ></label
  >`;
}
