import type { AuditEvent, AuditKind, AuditOutcome } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { Authority } from "./environment.ts";
import { AssayError, type ErrorCode } from "./error.ts";
import { fingerprintOfKey, fingerprintsOf } from "./fingerprint.ts";
import type { Traceable } from "./traceable.ts";

/** What is found out while something is decided, for the audit trail. What is still unknown at a refusal stays away. */
export type AuditFacts = Pick<
  AuditEvent,
  "format" | "audiences" | "scopes" | "selector" | "cause" | "issuer" | "durability"
> & {
  /** Whose token it is, where the request does not name the client. */
  clientId?: string | undefined;
  /** Where it is neither done, refused nor failed. */
  outcome?: "repeated" | "nothing";
  /** By which it can be followed: told as fingerprints only. */
  about?: Traceable;
  /** The key that is revoked: told as a fingerprint only. */
  key?: { iss: string; kid: string };
};

export type Asked = { kind: AuditKind; caller: Caller; clientId?: string };

/** What was not decided against, but could not be done. */
const FAILURES: ReadonlySet<ErrorCode> = new Set([
  "store_unavailable",
  "store_full",
  "keys_unavailable",
  "shutting_down",
  "rate_limited",
  "call_gone",
]);

/**
 * Does the work and tells the audit trail what came of it, whatever that is. The work notes what it finds in `facts`.
 * @throws whatever the work does
 */
export async function audited<T>(
  environment: Authority,
  asked: Asked,
  work: (facts: AuditFacts) => Promise<T>,
): Promise<T> {
  const facts: AuditFacts = {};
  try {
    const result = await work(facts);
    environment.audit.tell(() => eventOf(environment, asked, facts, { outcome: facts.outcome ?? "done" }), "done");
    return result;
  } catch (error) {
    environment.audit.tell(() => eventOf(environment, asked, facts, endOf(error)), "not_done");
    throw error;
  }
}

type End = { outcome: AuditOutcome; reason?: string; refusal?: string };

function endOf(error: unknown): End {
  if (!(error instanceof AssayError)) return { outcome: "failed", reason: "INTERNAL" };
  const { code, refusal } = error;
  const outcome = FAILURES.has(code) ? "failed" : "refused";
  return { outcome, reason: code.toUpperCase(), ...(refusal === undefined ? {} : { refusal }) };
}

function eventOf(environment: Authority, { kind, caller, clientId: asked }: Asked, facts: AuditFacts, end: End) {
  const { about, key, outcome: _outcome, clientId = asked, ...told } = facts;
  const event: AuditEvent = {
    kind,
    ...end,
    caller: caller.name,
    ...told,
    ...(about === undefined ? {} : fingerprintsOf(environment, about)),
    ...(key === undefined ? {} : { keyFingerprint: fingerprintOfKey(environment, key) }),
  };
  // Any other is whatever the caller wrote.
  if (clientId !== undefined && environment.clients.has(clientId)) event.clientId = clientId;
  return event;
}
