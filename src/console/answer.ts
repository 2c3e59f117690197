/** From a request to its answer: guards first, then who asks, then the page. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../core/caller.ts";
import { AssayError, type ErrorCode } from "../core/error.ts";
import type { Asked, Page } from "./asked.ts";
import type { Asset } from "./assets.ts";
import type { EventStreams } from "./event-stream.ts";
import { type FormTokens, formTokens } from "./form-token.ts";
import { refusalOf } from "./guard.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import type { KeptTold } from "./keep-told.ts";
import { keysPage } from "./pages/keys.ts";
import { overviewPage } from "./pages/overview.ts";
import { problemPage } from "./pages/problem.ts";
import { type Form, readForm } from "./read-form.ts";
import { operator, recogniseVisitor } from "./recognise-visitor.ts";
import type { ConsoleLog, Shown } from "./shown.ts";
import { answerLookUp, lookUpForm } from "./tokens.ts";

export type AnswerOptions = {
  /** Whoever connects is on this machine. */
  isPlain: boolean;
  /** And is trusted with everything. */
  isDevelopment: boolean;
  log: ConsoleLog;
  assets: ReadonlyMap<string, Asset>;
  streams: EventStreams;
  told: KeptTold;
  shown: () => Shown;
};

type Context = AnswerOptions & { forms: FormTokens; local: Caller | undefined };

const PAGES: Readonly<Record<string, (asked: Asked) => Page | Promise<Page>>> = {
  "/": overviewPage,
  "/tokens": lookUpForm,
  "/keys": keysPage,
};
const FORMS: ReadonlySet<string> = new Set(["/tokens/look-up", "/tokens/confirm", "/tokens/revoke"]);

/** @returns a function that never rejects */
export function answering(
  options: AnswerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const local = options.isPlain ? operator(options.isDevelopment) : undefined;
  const context: Context = { ...options, forms: formTokens(), local };
  return async (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    // Who leaves is no matter.
    response.on("error", () => undefined);
    try {
      await answer(context, request, response);
    } catch (error) {
      sendPage(response, failure(error, options.log));
    }
  };
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "" } = request;
  const refusal = refusalOf(request, !context.isPlain);
  if (refusal !== undefined) return sendPage(response, refused(refusal.status, refusal.why), true);
  const shown = context.shown();
  const visitor = await recogniseVisitor(shown, request, context.local);
  const isForm = FORMS.has(url);
  if (method !== (isForm ? "POST" : "GET")) {
    response.setHeader("allow", isForm ? "POST" : "GET");
    return sendPage(response, refused(405, "This address is asked for in another way."), true);
  }
  const asked: Asked = { shown, visitor, told: context.told, formToken: context.forms.make(visitor.caller.name) };
  if (isForm) return sendPage(response, await answerForm(context, asked, request, url));
  const asset = context.assets.get(url);
  if (asset !== undefined) return send(response, 200, asset);
  if (url === "/events") return follow(context, response);
  const page = Object.hasOwn(PAGES, url) ? PAGES[url] : undefined;
  if (page === undefined) return sendPage(response, refused(404, "There is no such page."));
  return sendPage(response, await page(asked));
}

async function answerForm(context: Context, asked: Asked, request: IncomingMessage, url: string): Promise<Page> {
  const form: Form | string = await readForm(request);
  if (form === "too_large") return refused(413, "That was far more than the form asks for.");
  if (typeof form === "string") return refused(400, "That was not what the form sends.");
  if (!isGoodFor(context, asked.visitor.caller, form.get("form") ?? "")) {
    return lookUpForm(asked, {
      fault: "The form had grown old, or was made before a restart: nothing was done. Here it is anew.",
    });
  }
  return answerLookUp(asked, url, form);
}

/** Whoever may look without credentials may be asked for some by the answer to a form: the same form comes again with them. */
function isGoodFor({ forms, local }: Context, { name }: Caller, token: string): boolean {
  return forms.isGood(token, name) || (local !== undefined && forms.isGood(token, local.name));
}

function follow({ streams, told }: Context, response: ServerResponse): void {
  const isOpen = streams.open(response, told.hello());
  if (!isOpen) sendPage(response, refused(503, "Too many windows of the console are open."));
}

function refused(status: number, why: string): Page {
  return { status, markup: problemPage(status, why) };
}

/** A fault of ours is told in fixed words; its cause goes to the log. */
function failure(error: unknown, log: ConsoleLog): Page {
  if (!(error instanceof AssayError)) {
    log.error({ err: error }, "a page of the console could not be made");
    return refused(500, "Something went wrong here. The log of the service says what.");
  }
  const { code, message } = error;
  if (code === "caller_unknown") return { ...refused(401, WHO_MAY_SIGN_IN), signIn: true };
  return refused(NOT_ALLOWED.has(code) ? 403 : 503, `${message}.`);
}

const WHO_MAY_SIGN_IN =
  "Sign in with the name and the secret of a caller that has the permission 'admin', or with its certificate.";
const NOT_ALLOWED: ReadonlySet<ErrorCode> = new Set([
  "permission_missing",
  "client_not_allowed",
  "audience_not_allowed",
]);

/** @param isLast what else was sent on the connection is not read */
function sendPage(response: ServerResponse, { status, markup, signIn = false }: Page, isLast = false): void {
  if (response.headersSent) return void response.destroy();
  if (signIn) response.setHeader("www-authenticate", 'Basic realm="Assay console", charset="UTF-8"');
  if (isLast || status === 413) response.setHeader("connection", "close");
  send(response, status, { type: "text/html; charset=utf-8", body: Buffer.from(`<!doctype html>\n${String(markup)}`) });
}

function send(response: ServerResponse, status: number, { type, body }: Asset): void {
  response.writeHead(status, { "content-type": type, "content-length": body.length });
  response.end(body);
}
