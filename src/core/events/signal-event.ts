import type { Signal } from "../signals/signal.ts";
import type { ComplexSubject, SecurityEvent } from "./security-event.ts";

/** A signal as an event of our own type. It names configured callers and clients and keyed fingerprints, as the signal does: nobody in the clear. */
export function signalEvent(signal: Signal): SecurityEvent {
  const { id, at, kind, severity, caller, clientId, detail, count, windowMs, action, reportedBy } = signal;
  return {
    name: "signal",
    at,
    subject: subjectOf(signal),
    details: withoutAbsent({
      id,
      kind,
      severity,
      caller,
      client_id: clientId,
      detail,
      count,
      window: windowMs === undefined ? undefined : windowMs / 1_000,
      action,
      reported_by: reportedBy,
      token_fingerprint: signal.tokenFingerprint,
      family_fingerprint: signal.familyFingerprint,
      subject_fingerprint: signal.subjectFingerprint,
      network_fingerprint: signal.networkFingerprint,
    }),
  };
}

/** Every event has a subject (OpenID SSF 1.0): where it is no token's, the caller that presented what it is about. */
function subjectOf({ tokenFingerprint, familyFingerprint, subjectFingerprint, caller }: Signal): ComplexSubject {
  const subject: ComplexSubject = { format: "complex" };
  if (tokenFingerprint !== undefined) subject.token = { format: "opaque", id: tokenFingerprint };
  if (familyFingerprint !== undefined) subject.session = { format: "opaque", id: familyFingerprint };
  if (subjectFingerprint !== undefined) subject.user = { format: "opaque", id: subjectFingerprint };
  if (Object.keys(subject).length === 1) subject.caller = { format: "opaque", id: caller };
  return subject;
}

function withoutAbsent(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
