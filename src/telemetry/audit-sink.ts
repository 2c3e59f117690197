import { type Attributes, trace } from "@opentelemetry/api";
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
    tell(event, end) {
      const span = trace.getActiveSpan();
      const made = end === "done" && span?.isRecording() === true ? event() : undefined;
      if (made !== undefined) span?.setAttributes(spanAttributesOf(made));
      trail.write(() => trailEvent(made ?? event()), written);
    },
  };
}

/** What was issued or revoked. What was refused is not even looked at before the answer: its time must not tell how much is known of it. */
function spanAttributesOf(event: AuditEvent): Attributes {
  const { tokenFormat, clientId, issuer, tokenFingerprint, familyFingerprint, subjectFingerprint } = ATTRIBUTES;
  const known = attributesOf(event);
  const told = [tokenFormat, clientId, issuer, tokenFingerprint, familyFingerprint, subjectFingerprint];
  return Object.fromEntries(told.map((name) => [name, known[name]]));
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
