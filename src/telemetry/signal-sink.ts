import { randomUUID } from "node:crypto";
import { type Attributes, metrics, trace } from "@opentelemetry/api";
import type { SignalSink } from "../core/ports.ts";
import type { Finding, Severity, Signal } from "../core/signals/signal.ts";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";
import type { AuditTrail } from "./audit-trail.ts";

type Level = "info" | "warn" | "error";
type Log = Readonly<Record<Level, (fields: object, message: string) => void>>;

const LEVELS: Readonly<Record<Severity, Level>> = { info: "info", warning: "warn", critical: "error" };

/**
 * A signal becomes a log event of the trail, whatever is sampled, an event on the span of its call where that is, a log line and a count.
 * All but the span's come after the call: the time of its answer does not tell that there was a signal. Take it after telemetry has started.
 * @param tell whoever else is to know, last
 */
export function signalSink(log: Log, trail: AuditTrail, tell: (signal: Signal) => void): SignalSink {
  const signals = metrics.getMeter(SCOPE).createCounter(METRICS.signals, { description: "Signals of misuse by kind." });
  return {
    emit(finding) {
      const { kind, severity } = finding;
      const signal = { ...finding, id: randomUUID(), at: Date.now() };
      const span = trace.getActiveSpan();
      if (span?.isRecording() === true) span.addEvent("assay.signal", attributesOf(finding));
      trail.write(
        () => ({ name: "assay.signal", severity, attributes: attributesOf(finding) }),
        ({ attributes }) => {
          log[LEVELS[severity]](attributes, `signal: ${kind}`);
          signals.add(1, { [ATTRIBUTES.signalKind]: kind, [ATTRIBUTES.signalSeverity]: severity });
          tell(signal);
        },
      );
      return signal;
    },
    pass() {
      trace.getActiveSpan()?.isRecording();
      trail.pass();
    },
  };
}

function attributesOf(finding: Finding): Attributes {
  return {
    [ATTRIBUTES.signalKind]: finding.kind,
    [ATTRIBUTES.signalSeverity]: finding.severity,
    [ATTRIBUTES.caller]: finding.caller,
    [ATTRIBUTES.clientId]: finding.clientId,
    [ATTRIBUTES.signalDetail]: finding.detail,
    [ATTRIBUTES.tokenFingerprint]: finding.tokenFingerprint,
    [ATTRIBUTES.familyFingerprint]: finding.familyFingerprint,
    [ATTRIBUTES.subjectFingerprint]: finding.subjectFingerprint,
  };
}
