import { type Attributes, metrics, trace } from "@opentelemetry/api";
import type { SignalSink } from "../core/ports.ts";
import type { Severity, Signal } from "../core/signal.ts";
import { ATTRIBUTES, METRICS, SCOPE } from "./attributes.ts";

type Level = "info" | "warn" | "error";
type Log = Readonly<Record<Level, (fields: object, message: string) => void>>;

const LEVELS: Readonly<Record<Severity, Level>> = { info: "info", warning: "warn", critical: "error" };

/**
 * A signal becomes an event on the span of its call, a log line and a count. Line and count come after the call: the time of its
 * answer does not tell that there was a signal. Take it after telemetry has started.
 */
export function signalSink(log: Log): SignalSink {
  const signals = metrics.getMeter(SCOPE).createCounter(METRICS.signals, { description: "Signals of misuse by kind." });
  return {
    emit(signal) {
      const attributes = attributesOf(signal);
      trace.getActiveSpan()?.addEvent("assay.signal", attributes);
      setImmediate(() => {
        log[LEVELS[signal.severity]](attributes, `signal: ${signal.kind}`);
        signals.add(1, { [ATTRIBUTES.signalKind]: signal.kind, [ATTRIBUTES.signalSeverity]: signal.severity });
      });
    },
    pass() {
      trace.getActiveSpan();
      setImmediate(() => undefined);
    },
  };
}

function attributesOf(signal: Signal): Attributes {
  return {
    [ATTRIBUTES.signalKind]: signal.kind,
    [ATTRIBUTES.signalSeverity]: signal.severity,
    [ATTRIBUTES.caller]: signal.caller,
    [ATTRIBUTES.clientId]: signal.clientId,
    [ATTRIBUTES.signalDetail]: signal.detail,
    [ATTRIBUTES.tokenFingerprint]: signal.tokenFingerprint,
    [ATTRIBUTES.familyFingerprint]: signal.familyFingerprint,
  };
}
