import { type Attributes, context, logs, SeverityNumber } from "@opentelemetry/api";
import { ATTRIBUTES, type LogEventName, SCOPE } from "./attributes.ts";

export type TrailSeverity = "info" | "warning" | "critical";

export type TrailEvent = { name: LogEventName; severity: TrailSeverity; attributes: Attributes };

/** The log events of this process, in one order. */
export type AuditTrail = {
  /**
   * @param event asked for when the call has been answered
   * @param written called then, with all attributes
   */
  write(event: () => TrailEvent, written?: (event: TrailEvent) => void): void;
  /** Writes nothing, and takes the call as long. */
  pass(): void;
};

/** As the logs data model numbers the words (its appendix B). */
const SEVERITIES: Readonly<Record<TrailSeverity, SeverityNumber>> = {
  info: SeverityNumber.INFO,
  warning: SeverityNumber.WARN,
  critical: SeverityNumber.ERROR2,
};

/**
 * Numbers what is written, and exports it as named log events of OpenTelemetry where that runs: each with the trace and the span of the
 * call that it comes from, whether or not that is sampled. All but the number is made after the call: the time of its answer does not
 * tell what was written. Take it after telemetry has started.
 */
export function auditTrail(): AuditTrail {
  const logger = logs.getLogger(SCOPE);
  let last = 0;
  const write = (event: (() => TrailEvent) | undefined, written?: (event: TrailEvent) => void): void => {
    if (event !== undefined) last += 1;
    const number = last;
    const timestamp = Date.now();
    const call = context.active();
    setImmediate(() => {
      if (event === undefined) return;
      const { name, severity, attributes: known } = event();
      const attributes = { [ATTRIBUTES.auditSequence]: number, ...known };
      const severityNumber = SEVERITIES[severity];
      logger.emit({ eventName: name, timestamp, severityNumber, severityText: severity, attributes, context: call });
      written?.({ name, severity, attributes });
    });
  };
  return { write, pass: () => write(undefined) };
}
