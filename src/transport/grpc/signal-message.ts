import { readSignal } from "../../core/signals/read-signal.ts";
import type { Severity, Signal } from "../../core/signals/signal.ts";
import { type Signal as SignalMessage, SignalSeverity } from "../../gen/assay/v1/token_service.ts";
import { toDuration, toMilliseconds } from "./duration.ts";

const SEVERITIES: Readonly<Record<Severity, SignalSeverity>> = {
  info: SignalSeverity.SIGNAL_SEVERITY_INFO,
  warning: SignalSeverity.SIGNAL_SEVERITY_WARNING,
  critical: SignalSeverity.SIGNAL_SEVERITY_CRITICAL,
};
const WORDS: ReadonlyMap<number, Severity> = new Map([
  [SEVERITIES.info, "info"],
  [SEVERITIES.warning, "warning"],
  [SEVERITIES.critical, "critical"],
]);

export function signalToMessage(signal: Signal): SignalMessage {
  return {
    id: signal.id,
    at_ms: signal.at,
    kind: signal.kind,
    severity: SEVERITIES[signal.severity],
    caller: signal.caller,
    client_id: signal.clientId,
    detail: signal.detail,
    count: signal.count,
    window: signal.windowMs === undefined ? undefined : toDuration(signal.windowMs),
    token_fingerprint: signal.tokenFingerprint,
    family_fingerprint: signal.familyFingerprint,
    subject_fingerprint: signal.subjectFingerprint,
    network_fingerprint: signal.networkFingerprint,
    action: signal.action,
    reported_by: signal.reportedBy,
  };
}

/** @returns undefined for what is none, or of a kind or severity that is not known here */
export function signalFromMessage(message: SignalMessage, reportedBy: string): Signal | undefined {
  const { window } = message;
  return readSignal({
    id: message.id,
    at: message.at_ms,
    kind: message.kind,
    severity: WORDS.get(message.severity),
    caller: message.caller,
    clientId: message.client_id,
    detail: message.detail,
    count: message.count,
    windowMs: window === undefined ? undefined : Math.floor(toMilliseconds(window)),
    tokenFingerprint: message.token_fingerprint,
    familyFingerprint: message.family_fingerprint,
    subjectFingerprint: message.subject_fingerprint,
    networkFingerprint: message.network_fingerprint,
    action: message.action,
    reportedBy,
  });
}

/** @returns undefined for what this version does not know; `info` where it is not set */
export function severityOf(value: SignalSeverity): Severity | undefined {
  return value === SignalSeverity.SIGNAL_SEVERITY_UNSPECIFIED ? "info" : WORDS.get(value);
}
