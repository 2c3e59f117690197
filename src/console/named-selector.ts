/** What a form of the console names: read strictly, and never a token. */
import type { NamedSelector } from "../core/look-up.ts";
import type { Form } from "./read-form.ts";

/** Undefined `selector` where something is wrong; `fault` says what, and holds nothing of what was given. */
export type ReadSelector = { selector: NamedSelector; fault?: never } | { selector?: never; fault: string };

/** The ways to name something, with the fields that each takes and whether an issuer may be left out. */
export const WAYS = {
  sid: {
    label: "Family (sid)",
    name: "sid",
    hint: "The sid of any token of the family, as Introspect and Issue answer it.",
  },
  token_id: { label: "Token (jti)", name: "jti", hint: "The jti of one token." },
  subject: { label: "Subject (sub)", name: "sub", hint: "Everything issued to this subject until now." },
  client_id: { label: "Client", name: "client_id", hint: "Everything issued to this client until now." },
  key_id: { label: "Signing key (kid)", name: "kid", hint: "Everything that this key signed." },
} as const;

export type Way = keyof typeof WAYS;

const GREATEST_NAME = 255;
// oxlint-disable-next-line no-control-regex -- these are what is refused
const CONTROL = /[\u0000-\u001F\u007F-\u009F\uFFFD]/u;
/** Whatever could be a token of ours, a caller's secret, or a JWT: whole or in part. */
const TOKEN = /asy_(at|rt|cs)_|eyJ[\w-]{8,}/;
/** The fields that somebody types. */
const TYPED = ["name", "iss", "reason"];

const NO_TOKENS =
  "That looks like a token or a secret, and those do not belong here: whoever sees this screen could use it. Ask with its sid or jti instead; `assay introspect -` reads a token from standard input and answers with both.";

function isWay(text: string): text is Way {
  return Object.hasOwn(WAYS, text);
}

export function readSelector(form: Form): ReadSelector {
  const way = form.get("by") ?? "";
  const name = (form.get("name") ?? "").trim();
  const iss = (form.get("iss") ?? "").trim();
  // Whichever it was put into.
  if (TYPED.some((field) => TOKEN.test(form.get(field) ?? ""))) return { fault: NO_TOKENS };
  if (!isWay(way)) return { fault: "Choose what to look for." };
  const fault = faultOf(WAYS[way].label, name, true) ?? faultOf("The issuer", iss, false);
  if (fault !== undefined) return { fault };
  const issuer = iss === "" ? {} : { iss };
  switch (way) {
    case "sid":
      return { selector: { by: way, sid: name, ...issuer } };
    case "token_id":
      return { selector: { by: way, jti: name, ...issuer } };
    case "subject":
      return { selector: { by: way, sub: name, ...issuer } };
    case "client_id":
      return { selector: { by: way, clientId: name, ...issuer } };
    case "key_id":
      return { selector: { by: way, kid: name, ...issuer } };
  }
}

const GREATEST_REASON = 256;

/** Why something is revoked: sealed in the store, for whoever may watch. */
export function readReason(form: Form): { reason: string; fault?: never } | { reason?: never; fault: string } {
  const reason = (form.get("reason") ?? "").trim();
  if (reason === "") return { fault: "Say why: whoever wonders later will read it." };
  if (CONTROL.test(reason)) return { fault: "The reason must be one line of text." };
  return reason.length > GREATEST_REASON
    ? { fault: `The reason is too long: ${GREATEST_REASON} characters at most.` }
    : { reason };
}

function faultOf(what: string, value: string, isRequired: boolean): string | undefined {
  if (value === "") return isRequired ? `${what}: nothing was given.` : undefined;
  if (CONTROL.test(value)) return `${what} must not hold control characters.`;
  return Buffer.byteLength(value) > GREATEST_NAME ? `${what} is too long: ${GREATEST_NAME} bytes at most.` : undefined;
}
