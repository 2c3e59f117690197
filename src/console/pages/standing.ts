import type { LookedUp, NamedSelector } from "../../core/look-up.ts";
import type { LookedUpFamily } from "../../core/look-up-family.ts";
import type { Selector } from "../../core/selector.ts";
import { birthOf } from "../../core/token/uuid.ts";
import { html, type Markup } from "../html.ts";
import { distance, moment } from "./moments.ts";
import { nameOf } from "./token-forms.ts";

export type Standing = LookedUp & {
  /** Absent where it was not asked for; "none" where the store has none. */
  family?: LookedUpFamily | "none";
};

type State = { word: string; tone: string; sentence: string };

export const NOUNS: Readonly<Record<NamedSelector["by"], string>> = {
  sid: "family",
  token_id: "token",
  subject: "subject",
  client_id: "client",
  key_id: "signing key",
  issuer: "issuer",
};

const FAMILY_STATES: Readonly<Record<LookedUpFamily["state"], State>> = {
  alive: {
    word: "alive",
    tone: "good",
    sentence: "Its refresh token can be used, and what was issued of it is active until it expires.",
  },
  revoked: {
    word: "dead",
    tone: "bad",
    sentence: "It was revoked: no token of it is active, and none can be refreshed.",
  },
  idle: {
    word: "expired",
    tone: "plain",
    sentence: "Its refresh token was not used in time. Access tokens of it live until they expire.",
  },
  ended: { word: "ended", tone: "plain", sentence: "It has lived as long as a family may." },
};

const NAMED: Readonly<Record<Selector["kind"], string>> = {
  family: "the family itself",
  subject: "its subject",
  client: "its client",
  issuer: "its issuer",
  key: "its key",
  token: "a token",
  token_digest: "a token",
};

/** @param now milliseconds of the store's time */
export function standing(selector: NamedSelector, found: Standing, now: number): Markup {
  const { word, tone, sentence } = stateOf(selector, found);
  return html`<header class="standing">
      <h2>${capital(NOUNS[selector.by])} <code>${nameOf(selector)}</code></h2>
      <span class="badge large ${tone}">${word}</span>
    </header>
    <p>${sentence}</p>
    <dl class="facts wide">
      ${factsOf(selector, found, now).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
}

function stateOf({ by }: NamedSelector, { revocation, family }: Standing): State {
  if (family !== undefined && family !== "none") return FAMILY_STATES[family.state];
  if (revocation !== undefined) {
    const isPart = revocation.cutOff !== undefined;
    const sentence = isPart
      ? `A live revocation names this ${NOUNS[by]}: whatever was born until then is inactive, what came later is not touched.`
      : `A live revocation names this ${NOUNS[by]}: it is inactive at every instance.`;
    return { word: "revoked", tone: "bad", sentence };
  }
  const without = `No live revocation names this ${NOUNS[by]}.`;
  const sentence =
    family === "none"
      ? `${without} The store has no refresh token family of this sid: it ended, never was, or has access tokens only.`
      : without;
  return { word: "not revoked", tone: "good", sentence };
}

function factsOf(selector: NamedSelector, { selector: { iss }, revocation, family }: Standing, now: number) {
  const at = (time: number): Markup => html`${moment(time)} <small>${distance(time, now)}</small>`;
  const facts: (readonly [string, string | Markup])[] = [["Issuer", html`<code>${iss}</code>`]];
  const birth = selector.by === "sid" || selector.by === "token_id" ? birthOf(nameOf(selector)) : undefined;
  if (birth !== undefined) facts.push(["Born", at(birth)]);
  if (revocation?.cutOff !== undefined) facts.push(["Revoked is what was born until", at(revocation.cutOff)]);
  if (family === undefined || family === "none") return facts;
  facts.push(
    ["Client", html`<code>${family.clientId}</code>`],
    ["Generation", String(family.generation)],
    [family.generation === 0 ? "Begun" : "Last refreshed", at(family.rotatedAt)],
    ...endOf(family).map(([name, time]) => [name, at(time)] as const),
    [
      "Named by a revocation of",
      family.namedBy.length === 0 ? "nothing" : family.namedBy.map((kind) => NAMED[kind]).join(", "),
    ],
  );
  return facts;
}

function endOf({ state, idleExpiresAt, expiresAt }: LookedUpFamily): (readonly [string, number])[] {
  if (state === "revoked") return [["Would have ended", expiresAt]];
  return [
    ["Refresh token good until", idleExpiresAt],
    ["Family ends", expiresAt],
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
