/** Looking up what is revoked and what is not, and revoking it: three steps, each a form's answer. */
import { AssayError } from "../core/error.ts";
import { lookUp, type NamedSelector } from "../core/look-up.ts";
import { lookUpFamily } from "../core/look-up-family.ts";
import { revoke } from "../core/revoke.ts";
import type { Asked, Page } from "./asked.ts";
import { html, type Markup } from "./html.ts";
import { readReason, readSelector } from "./named-selector.ts";
import { layout } from "./pages/layout.ts";
import { NOUNS, type Standing, standing } from "./pages/standing.ts";
import { confirmFields, lookUpFields, nameOf, revokeButton } from "./pages/token-forms.ts";
import type { Form } from "./read-form.ts";

const EFFECTS: Readonly<Record<NamedSelector["by"], string>> = {
  sid: "Every access and refresh token of this family becomes inactive, at every instance. Whoever uses it has to sign in again.",
  token_id: "This one token becomes inactive, at every instance. Others of its family go on.",
  subject:
    "Whatever was issued to this subject until now becomes inactive, at every instance. It has to sign in again, everywhere.",
  client_id:
    "Whatever was issued to this client until now becomes inactive, at every instance: all of its users have to sign in again.",
  key_id: "Whatever this key has signed becomes inactive, at every instance, and the key is replaced.",
  issuer: "Whatever this issuer has signed, or ever will, becomes inactive, at every instance.",
};

/** @param fault what was wrong with the form before */
export function lookUpForm(asked: Asked, { fault }: { fault?: string } = {}): Page {
  return page(asked, fault === undefined ? 200 : 400, html`${heading()} ${fields(asked, fault)} ${firstHint(fault)}`);
}

/** @param path of the step */
export async function answerLookUp(asked: Asked, path: string, form: Form): Promise<Page> {
  const { selector, fault } = readSelector(form);
  if (selector === undefined) return lookUpForm(asked, { fault });
  try {
    if (path === "/tokens/confirm") return confirm(asked, selector);
    if (path === "/tokens/revoke") return await revokeNamed(asked, selector, form);
    return result(asked, selector, await find(asked, selector));
  } catch (error) {
    if (error instanceof AssayError && error.code === "invalid_request")
      return lookUpForm(asked, { fault: asSentence(error.message) });
    throw error;
  }
}

async function find({ shown, visitor }: Asked, selector: NamedSelector): Promise<Standing> {
  const { environment, authority } = shown;
  const found = await lookUp(environment, visitor.caller, selector);
  if (authority === undefined || selector.by !== "sid" || found.selector.iss !== environment.issuer) return found;
  return { ...found, family: (await lookUpFamily(authority, visitor.caller, selector.sid)) ?? "none" };
}

function result(asked: Asked, selector: NamedSelector, found: Standing, done?: Markup): Page {
  const { environment, authority } = asked.shown;
  const isDead =
    found.family !== undefined && found.family !== "none" ? found.family.state === "revoked" : isWhole(found);
  const body = html`${heading()} ${done}
    <section class="card result" aria-live="polite">
      ${standing(selector, found, environment.store.clock.now())}
      ${authority === undefined ? html`<p><small>A verifier revokes nothing itself: revoke at an authority.</small></p>` : undefined}
      ${authority === undefined || isDead ? undefined : revokeButton(asked.formToken, selector)}
    </section>
    ${fields(asked, undefined)}`;
  return page(asked, 200, body);
}

function isWhole({ revocation }: Standing): boolean {
  return revocation !== undefined && revocation.cutOff === undefined;
}

function confirm(asked: Asked, selector: NamedSelector, fault?: string): Page {
  const { isKnown, caller } = asked.visitor;
  const asksFirst = caller.permissions.revoke === undefined && !isKnown;
  const noun = NOUNS[selector.by];
  const body = html`<section class="card narrow" aria-labelledby="sure">
    <h1 id="sure">Revoke this ${noun}?</h1>
    <p class="named"><code>${nameOf(selector)}</code></p>
    <p>${EFFECTS[selector.by]} <strong>There is no way back.</strong></p>
    ${
      asksFirst
        ? html`<p class="alert">
            Looking is free on this machine, revoking is not: your browser will ask for the name and the secret of a
            caller with the permissions <code>admin</code> and <code>revoke</code>.
          </p>`
        : undefined
    }
    ${confirmFields(asked.formToken, selector, fault)}
  </section>`;
  return page(asked, fault === undefined ? 200 : 400, body);
}

async function revokeNamed(asked: Asked, selector: NamedSelector, form: Form): Promise<Page> {
  const { shown, visitor } = asked;
  if (shown.authority === undefined)
    return lookUpForm(asked, { fault: "A verifier revokes nothing itself: revoke at an authority." });
  const { reason, fault } = readReason(form);
  if (reason === undefined) return confirm(asked, selector, fault);
  if (form.get("sure") !== "yes") return confirm(asked, selector, "Say that you know that this cannot be undone.");
  if (!visitor.isKnown && visitor.caller.permissions.revoke === undefined) return signInFirst(asked);
  const acknowledgement = await revoke(shown.authority, visitor.caller, { selector, reason });
  const done = html`<p class="alert good" role="status">
    <strong>Revoked.</strong>
    ${acknowledgement === undefined ? undefined : html`It is durable (<code>${acknowledgement.durability}</code>), and in force here; at other instances within their staleness bound.`}
  </p>`;
  return result(asked, selector, await find(asked, selector), done);
}

function signInFirst(asked: Asked): Page {
  const body = html`<section class="card narrow">
    <h1>Nothing was revoked</h1>
    <p>
      Revoking takes the name and the secret of a caller with the permissions <code>admin</code> and
      <code>revoke</code>.
    </p>
    <p><a href="/tokens">Back</a></p>
  </section>`;
  return { ...page(asked, 401, body), signIn: true };
}

function heading(): Markup {
  return html`<h1>Look up and revoke</h1>
    <p class="lead">
      By identifiers, never by a token. What you type is sent in the body of a form: it stands in no address, history or
      log.
    </p>`;
}

function firstHint(fault: string | undefined): Markup | undefined {
  if (fault !== undefined) return undefined;
  return html`<p class="empty card">
    Where from? Every answer of Introspect and Issue names <code>sid</code>, <code>jti</code>, <code>sub</code> and
    <code>client_id</code>. A token whose holder is at hand: <code>assay introspect -</code> reads it from standard
    input.
  </p>`;
}

function fields({ formToken, shown }: Asked, fault: string | undefined): Markup {
  return lookUpFields(formToken, shown.environment.issuer, fault);
}

function page({ shown, visitor }: Asked, status: number, body: Markup): Page {
  return {
    status,
    markup: layout({ title: "Look up and revoke", at: "/tokens", shown, visitor: visitor.caller.name, body }),
  };
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
