import { z } from "zod";
import { milliseconds, seconds } from "./schema-values.ts";

/** OpenTelemetry. */
export const telemetry = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        "Start OpenTelemetry. Also started when OTEL_EXPORTER_OTLP_ENDPOINT or another standard OTEL_ exporter variable is set.",
      ),
    otlp_endpoint: z.string().min(1).optional().describe("http://HOST:4317, as OTEL_EXPORTER_OTLP_ENDPOINT."),
    prometheus_address: z
      .string()
      .min(1)
      .optional()
      .describe(
        "HOST:PORT or [IPv6]:PORT on loopback, where Prometheus gets metrics (GET /metrics): of all workers together. Off unless set, and where enabled is false.",
      ),
    sample_ratio: z.number().min(0).max(1).default(1),
    service_name: z.string().min(1).default("assay"),
    max_audit_outage: milliseconds
      .refine((value) => value >= 2_000, "write a duration of at least 2s: events are sent once a second")
      .optional()
      .describe(
        "For how long the OTLP receiver of signals and audit events may take none of them. Beyond, Issue, Revoke and Introspect are answered UNAVAILABLE until it does. Absent: for good.",
      ),
    fingerprint_period: seconds
      .refine((value) => value === 0 || value >= 3_600, "write 0s for never, or a duration of at least 1h")
      .prefault("0s")
      .describe(
        "How long a token, a family or a subject keeps its fingerprint: then all change, counted from 1970 by the store's time. 0s for ever. The same at every authority; verifiers are told.",
      ),
  })
  .prefault({});

/** Log lines. */
export const log = z
  .strictObject({
    level: z.enum(["debug", "info", "warn", "error"]).default("info"),
    format: z.enum(["auto", "json", "pretty"]).default("auto").describe("auto: pretty on a terminal, else JSON."),
    audit: z
      .boolean()
      .default(false)
      .describe(
        "Write each event of the audit trail (Issue, Revoke) as a line of level info too. OpenTelemetry gets it wherever that is on.",
      ),
  })
  .prefault({});
