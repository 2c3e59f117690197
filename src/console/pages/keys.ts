import { AssayError } from "../../core/error.ts";
import type { Asked, Page } from "../asked.ts";
import { html, type Markup } from "../html.ts";
import type { IssuerKeyFigures, Shown, ShownKey, Told } from "../shown.ts";
import { layout } from "./layout.ts";
import { distance, duration, moment } from "./moments.ts";

const TONES: Readonly<Record<ShownKey["state"], string>> = {
  active: "good",
  next: "info",
  retired: "plain",
  revoked: "bad",
};
const ABOUT: Readonly<Record<ShownKey["state"], string>> = {
  active: "makes tokens now",
  next: "is published, and used soon",
  retired: "verifies until what it made is dead",
  revoked: "what it made is dead",
};
const KINDS: Readonly<Record<ShownKey["kind"], string>> = {
  signing: "Signing keys",
  mac: "Keys of refresh tokens",
  data: "Root key",
};

export async function keysPage({ shown, visitor, told }: Asked): Promise<Page> {
  const body = html`<h1>Keys and issuers</h1>
    ${await ownKeys(shown)}
    <h2 id="issuers">Foreign issuers <small>whose tokens are judged here</small></h2>
    ${issuers(shown, told.last())}`;
  return { status: 200, markup: layout({ title: "Keys", at: "/keys", shown, visitor: visitor.caller.name, body }) };
}

async function ownKeys({ listKeys, environment }: Shown): Promise<Markup> {
  try {
    if (listKeys === undefined) return published(environment.keyring.published().jwks.keys.map(({ kid }) => kid ?? ""));
    const keys = await listKeys();
    const now = environment.store.clock.now();
    return html`${(["signing", "mac"] as const).map((kind) => keyTable(kind, keys, now))}`;
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    return html`<p class="alert bad" role="alert"><strong>The keys cannot be read now.</strong> ${error.message}.</p>`;
  }
}

function keyTable(kind: ShownKey["kind"], all: readonly ShownKey[], now: number): Markup {
  const keys = all.filter((key) => key.kind === kind);
  return html`<h2 id="keys-${kind}">${KINDS[kind]}</h2>
    <div class="card scroll keys" role="region" aria-labelledby="keys-${kind}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">State</th>
            <th scope="col">Algorithm</th>
            <th scope="col">Made</th>
            <th scope="col">What comes next</th>
          </tr>
        </thead>
        <tbody>
          ${keys.map((key) => keyRow(key, now))}
        </tbody>
      </table>
    </div>`;
}

function keyRow(key: ShownKey, now: number): Markup {
  return html`<tr>
    <th scope="row"><code>${key.id}</code></th>
    <td><span class="badge ${TONES[key.state]}">${key.state}</span> <small>${ABOUT[key.state]}</small></td>
    <td>${key.alg}</td>
    <td>${distance(key.created.getTime(), now)} <small>${moment(key.created.getTime())}</small></td>
    <td>${comingOf(key, now)}</td>
  </tr>`;
}

function comingOf({ state, activates, retires, removed }: ShownKey, now: number): string {
  if (state === "next") return `used ${distance(activates.getTime(), now)}`;
  if (state === "active")
    return retires === undefined ? "no successor yet" : `retires ${distance(retires.getTime(), now)}`;
  return removed === undefined ? "–" : `removed ${distance(removed.getTime(), now)}`;
}

/** What a verifier knows of its authority's. */
function published(kids: readonly string[]): Markup {
  return html`<h2>Keys of the authority</h2>
    <p class="card">${kids.map((kid) => html`<code>${kid}</code> `)}</p>`;
}

function issuers({ environment }: Shown, told: readonly Told[] | undefined): Markup {
  const figures = together(told ?? []);
  const names = new Set([...environment.issuers.keys(), ...figures.keys()]);
  if (names.size === 0) {
    return html`<p class="card empty">
      None is configured: only Assay's own tokens are accepted. Others are named under <code>issuers</code>.
    </p>`;
  }
  return html`<div class="card scroll" role="region" aria-labelledby="issuers" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Issuer</th>
          <th scope="col">Keys</th>
          <th scope="col">Last fetched</th>
          <th scope="col" class="number">Fetches</th>
          <th scope="col">Failures</th>
        </tr>
      </thead>
      <tbody>
        ${[...names].map((issuer) => issuerRow(issuer, figures.get(issuer)))}
      </tbody>
    </table>
  </div>`;
}

function issuerRow(issuer: string, figures: IssuerKeyFigures | undefined): Markup {
  const { age, fetches = {} } = figures ?? {};
  const failures = Object.entries(fetches).filter(([outcome]) => outcome !== "fetched");
  const failed = failures.reduce((sum, [, count]) => sum + count, 0);
  const state = age === undefined ? (failed > 0 ? "bad" : "plain") : failed > 0 ? "warning" : "good";
  const word = age === undefined ? (failed > 0 ? "unreachable" : "not needed yet") : "known";
  return html`<tr>
    <th scope="row"><code>${issuer}</code></th>
    <td><span class="badge ${state}">${word}</span></td>
    <td>${age === undefined ? "–" : `${duration(age)} ago`}</td>
    <td class="number">${(fetches["fetched"] ?? 0).toLocaleString("en")}</td>
    <td>
      ${failed === 0 ? "none" : failures.map(([outcome, count]) => `${count} × ${outcome.replaceAll("_", " ")}`).join(", ")}
    </td>
  </tr>`;
}

/** Each process fetches for itself: the oldest keys, and all fetches. */
function together(told: readonly Told[]): Map<string, IssuerKeyFigures> {
  const sums = new Map<string, IssuerKeyFigures>();
  for (const { issuer, age, fetches } of told.flatMap(({ figures }) => figures?.issuerKeys ?? [])) {
    const sum = sums.get(issuer);
    const counts = { ...sum?.fetches };
    for (const [outcome, count] of Object.entries(fetches)) counts[outcome] = (counts[outcome] ?? 0) + count;
    const ages = [sum?.age, age].filter((one) => one !== undefined);
    sums.set(issuer, { issuer, age: ages.length === 0 ? undefined : Math.max(...ages), fetches: counts });
  }
  return sums;
}
