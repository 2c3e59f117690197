/** The forms of looking up and revoking. They are sent as bodies: what is typed stands in no address, history or log. */
import type { NamedSelector } from "../../core/look-up.ts";
import { html, type Markup } from "../html.ts";
import { type Way, WAYS } from "../named-selector.ts";

const ORDER = ["sid", "token_id", "subject", "client_id", "key_id"] as const satisfies readonly Way[];

/** @param fault what was wrong with the last one; what was typed is not shown again */
export function lookUpFields(formToken: string, ownIssuer: string, fault: string | undefined): Markup {
  return html`<form class="card form" method="post" action="/tokens/look-up" autocomplete="off" data-no-tokens>
    ${fault === undefined ? undefined : html`<p class="alert bad" role="alert" id="fault">${fault}</p>`}
    <p class="alert bad" id="token-hint" role="alert" hidden>
      That looks like a token or a secret: it stays in your browser, and is not sent. Ask with its sid or jti instead.
    </p>
    <input type="hidden" name="form" value="${formToken}" />
    <div class="fields">
      <label
        >Look for
        <select name="by">
          ${ORDER.map((way) => html`<option value="${way}">${WAYS[way].label}</option>`)}
        </select>
      </label>
      <label class="wide"
        >Its identifier
        <input name="name" required autocapitalize="none" autocomplete="off" spellcheck="false" ${describedBy(fault)} />
      </label>
      <label class="wide"
        >Issuer <small>Assay's own where it is left empty</small>
        <input name="iss" autocapitalize="none" autocomplete="off" spellcheck="false" placeholder="${ownIssuer}" />
      </label>
      <button type="submit">Look up</button>
    </div>
  </form>`;
}

function describedBy(fault: string | undefined): Markup | undefined {
  return fault === undefined ? undefined : html` aria-describedby="fault" aria-invalid="true" autofocus`;
}

/** Leads to the page that asks whether it is meant. */
export function revokeButton(formToken: string, selector: NamedSelector): Markup {
  return html`<form method="post" action="/tokens/confirm">
    ${hidden(formToken, selector)}
    <button class="danger" type="submit">Revoke…</button>
  </form>`;
}

export function confirmFields(formToken: string, selector: NamedSelector, fault: string | undefined): Markup {
  return html`<form class="form" method="post" action="/tokens/revoke" autocomplete="off" data-no-tokens>
    ${fault === undefined ? undefined : html`<p class="alert bad" role="alert" id="fault">${fault}</p>`}
    <p class="alert bad" id="token-hint" role="alert" hidden>
      That looks like a token or a secret: it stays in your browser, and is not sent.
    </p>
    ${hidden(formToken, selector)}
    <label
      >Why <small>kept with the revocation, for whoever wonders later</small>
      <input
        name="reason"
        required
        maxlength="256"
        autocomplete="off"
        ${fault === undefined ? html` autofocus` : describedBy(fault)}
      />
    </label>
    <label class="check"
      ><input type="checkbox" name="sure" value="yes" required /> I know that this cannot be undone</label
    >
    <div class="buttons">
      <button class="danger" type="submit">Revoke for good</button>
      <a class="button" href="/tokens">Cancel</a>
    </div>
  </form>`;
}

function hidden(formToken: string, selector: NamedSelector): Markup {
  return html`<input type="hidden" name="form" value="${formToken}" />
    <input type="hidden" name="by" value="${selector.by}" />
    <input type="hidden" name="name" value="${nameOf(selector)}" />
    <input type="hidden" name="iss" value="${selector.iss}" />`;
}

export function nameOf(selector: NamedSelector): string {
  switch (selector.by) {
    case "sid":
      return selector.sid;
    case "token_id":
      return selector.jti;
    case "subject":
      return selector.sub;
    case "client_id":
      return selector.clientId;
    case "key_id":
      return selector.kid;
    case "issuer":
      return selector.iss;
  }
}
