import { randomUUID } from "node:crypto";
import { type Attributes, metrics, trace } from "@opentelemetry/api";
import type { SignalSink } from "../core/ports.ts";
import type { Severity, Signal } from "../core/signals/signal.ts";
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
      if (span?.isRecording() === true) span.addEvent("assay.signal", attributesOf(signal));
      trail.write(
        () => ({ name: "assay.signal", severity, attributes: attributesOf(signal) }),
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

function attributesOf(signal: Signal): Attributes {
  return {
    [ATTRIBUTES.signalId]: signal.id,
    [ATTRIBUTES.signalKind]: signal.kind,
    [ATTRIBUTES.signalSeverity]: signal.severity,
    [ATTRIBUTES.caller]: signal.caller,
    [ATTRIBUTES.clientId]: signal.clientId,
    [ATTRIBUTES.signalDetail]: signal.detail,
    [ATTRIBUTES.signalCount]: signal.count,
    [ATTRIBUTES.signalWindow]: signal.windowMs,
    [ATTRIBUTES.signalAction]: signal.action,
    [ATTRIBUTES.tokenFingerprint]: signal.tokenFingerprint,
    [ATTRIBUTES.familyFingerprint]: signal.familyFingerprint,
    [ATTRIBUTES.subjectFingerprint]: signal.subjectFingerprint,
    [ATTRIBUTES.networkFingerprint]: signal.networkFingerprint,
  };
}
