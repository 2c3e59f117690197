import type { Environment } from "../../core/environment.ts";
import { html, type Markup } from "../html.ts";
import type { Told } from "../shown.ts";
import { bytes, duration } from "./moments.ts";

const LATE_S = 1;

/** The view of each process: what it answers from, and how old that is. */
export function instances(told: readonly Told[] | undefined, environment: Pick<Environment, "revocations">): Markup {
  const rows = told === undefined || told.length === 0 ? [ownRow(environment)] : told.map(row);
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Process</th>
        <th scope="col">View</th>
        <th scope="col" class="number">Last proof</th>
        <th scope="col" class="number">Live revocations</th>
        <th scope="col" class="number">Memory</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Where nothing is counted, this process still knows its own. */
function ownRow({ revocations }: Pick<Environment, "revocations">): Markup {
  const { entries, bytes: size } = revocations.size();
  const view = { staleFor: revocations.staleForMs() / 1_000, entries, bytes: size };
  return cells("this process", view);
}

function row({ worker, figures }: Told): Markup {
  const name = worker === undefined ? "this process" : `worker ${worker}`;
  if (figures === undefined) {
    return html`<tr>
      <th scope="row">${name}</th>
      <td colspan="4"><span class="badge bad">silent</span> did not answer in time</td>
    </tr>`;
  }
  return cells(name, figures.view);
}

function cells(name: string, view: { staleFor: number; entries: number; bytes: number }): Markup {
  const isLate = view.staleFor > LATE_S;
  return html`<tr>
    <th scope="row">${name}</th>
    <td><span class="badge ${isLate ? "warning" : "good"}">${isLate ? "late" : "fresh"}</span></td>
    <td class="number">${view.staleFor === Infinity ? "never" : `${duration(view.staleFor)} ago`}</td>
    <td class="number">${view.entries.toLocaleString("en")}</td>
    <td class="number">${bytes(view.bytes)}</td>
  </tr>`;
}
