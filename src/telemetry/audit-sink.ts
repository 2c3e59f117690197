import { type Attributes, type Span, trace } from "@opentelemetry/api";
import type { AuditEvent, AuditKind, AuditOutcome } from "../core/audit.ts";
import type { AuditSink } from "../core/ports.ts";
import { ATTRIBUTES, type LogEventName } from "./attributes.ts";
import type { AuditTrail, TrailEvent } from "./audit-trail.ts";

type Log = { info(fields: object, message: string): void };

const NAMES: Readonly<Record<AuditKind, LogEventName>> = {
  token_issued: "assay.token.issued",
  token_refreshed: "assay.token.refreshed",
  token_exchanged: "assay.token.exchanged",
  revocation: "assay.revocation",
};
const DONE: ReadonlySet<AuditOutcome> = new Set(["done", "repeated", "nothing"]);

/** Where nobody keeps a trail. */
export const unaudited: AuditSink = { tell: () => undefined };

/** @param log where each event is a line too; nowhere when absent */
export function auditSink(trail: AuditTrail, log: Log | undefined): AuditSink {
  const written = ({ name, attributes }: TrailEvent): void => log?.info(attributes, `audit: ${name}`);
  return {
    tell(event) {
      const span = trace.getActiveSpan();
      if (span?.isRecording() === true) annotate(span, event());
      trail.write(() => trailEvent(event()), written);
    },
  };
}

/** What was issued or revoked. Of what was refused nothing, however much is known of it: the time of an answer must not tell. */
function annotate(span: Span, event: AuditEvent): void {
  if (!DONE.has(event.outcome)) return;
  const { tokenFormat, clientId, issuer, tokenFingerprint, familyFingerprint, subjectFingerprint } = ATTRIBUTES;
  const known = attributesOf(event);
  for (const name of [tokenFormat, clientId, issuer, tokenFingerprint, familyFingerprint, subjectFingerprint]) {
    const value = known[name];
    if (value !== undefined) span.setAttribute(name, value);
  }
}

function trailEvent(event: AuditEvent): TrailEvent {
  const severity = DONE.has(event.outcome) ? "info" : "warning";
  return { name: NAMES[event.kind], severity, attributes: attributesOf(event) };
}

function attributesOf(event: AuditEvent): Attributes {
  return {
    [ATTRIBUTES.auditOutcome]: event.outcome,
    [ATTRIBUTES.reason]: event.reason,
    [ATTRIBUTES.auditRefusal]: event.refusal,
    [ATTRIBUTES.caller]: event.caller,
    [ATTRIBUTES.clientId]: event.clientId,
    [ATTRIBUTES.tokenFormat]: event.format,
    [ATTRIBUTES.tokenAudience]: listOf(event.audiences),
    [ATTRIBUTES.tokenScope]: listOf(event.scopes),
    [ATTRIBUTES.revokedBy]: event.selector,
    [ATTRIBUTES.revocationCause]: event.cause,
    [ATTRIBUTES.issuer]: event.issuer,
    [ATTRIBUTES.revocationDurability]: event.durability,
    [ATTRIBUTES.tokenFingerprint]: event.tokenFingerprint,
    [ATTRIBUTES.familyFingerprint]: event.familyFingerprint,
    [ATTRIBUTES.subjectFingerprint]: event.subjectFingerprint,
    [ATTRIBUTES.keyFingerprint]: event.keyFingerprint,
  };
}

function listOf(words: readonly string[] | undefined): string[] | undefined {
  return words === undefined ? undefined : [...words];
}
