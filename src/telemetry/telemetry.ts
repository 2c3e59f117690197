import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type * as NodeSdk from "@opentelemetry/sdk-node";
import { context, diag, type DiagLogger, DiagLogLevel, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { StartError } from "../core/start-error.ts";
import { logLosses } from "./log-losses.ts";
import { type LogPipeline, logPipeline } from "./log-pipeline.ts";
import type { MetricFamily } from "./metric-family.ts";
import { pullReader, type PullReader } from "./pull-reader.ts";
import { pushReaders } from "./push-readers.ts";
import { notRequired, requiredTrail, type TrailHealth } from "./trail-health.ts";

export type TelemetryOptions = {
  /** Undefined: started when an endpoint or a standard exporter variable is set. */
  enabled: boolean | undefined;
  /** `http://HOST:4317`, over gRPC. The standard variables go before it. */
  otlpEndpoint: string | undefined;
  /** Whether metrics will be asked for. */
  isScraped: boolean;
  sampleRatio: number;
  serviceName: string;
  /** For how long signals and audit events may fail to arrive, in milliseconds. Absent: for good. */
  maxAuditOutageMs?: number | undefined;
  log: Readonly<Record<"warn" | "error", (fields: object, message: string) => void>>;
};

export type Telemetry = {
  isOn: boolean;
  /** Where metrics are asked for. */
  collect: (() => Promise<MetricFamily[]>) | undefined;
  trail: TrailHealth;
  /** Sends what is left, for a few seconds at most. Never rejects. */
  stop(): Promise<void>;
};

type NodeSdkOptions = NonNullable<Parameters<typeof NodeSdk.startNodeSdk>[0]>;
type Variables = Readonly<Record<string, string | undefined>>;

const STARTS_TELEMETRY =
  /^OTEL_(EXPORTER_OTLP(_(TRACES|METRICS|LOGS))?_ENDPOINT|(TRACES|METRICS|LOGS)_EXPORTER|CONFIG_FILE)$/;
const FLUSH_MS = 3_000;

/**
 * Starts OpenTelemetry where it is asked for. The SDK is heavy, so it is loaded only then. No auto-instrumentation, and no
 * resource detectors: they export the command line. Where only metrics are asked for, nothing is sent.
 * @throws StartError where metrics are asked for, or the trail must arrive, and the variables of the environment stand against it
 */
export async function startTelemetry(options: TelemetryOptions, env: Variables = process.env): Promise<Telemetry> {
  const isExported = isExportWanted(options, env);
  const pull = options.isScraped && options.enabled !== false ? pullReader() : undefined;
  const { maxAuditOutageMs } = options;
  if (maxAuditOutageMs !== undefined && !(isExported && isSdkEnabled(env))) throw trailRefused();
  if (!isExported && pull === undefined)
    return { isOn: false, collect: undefined, trail: notRequired, stop: async () => undefined };
  const { startNodeSdk } = loadSdk();
  const losses = logLosses(options.log);
  const { sdk, pipeline } = withVariables(defaultsFor(options, env), () => {
    const made = isExported ? logPipeline(losses, process.env, maxAuditOutageMs !== undefined) : undefined;
    const started = startNodeSdk({
      logLevel: "none",
      resourceDetectors: [],
      resourceAttributes: {
        "service.name": env["OTEL_SERVICE_NAME"] ?? options.serviceName,
        "service.instance.id": randomUUID(),
      },
      ...(made === undefined ? {} : { logRecordProcessors: [made.processor] }),
      ...(pull === undefined ? {} : readersBeside(pull, isExported)),
    });
    return { sdk: started, pipeline: made };
  });
  diag.setLogger(diagnosticsTo(options.log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  losses.measure();
  const telemetry: Telemetry = {
    isOn: true,
    collect: undefined,
    trail: pipeline === undefined ? notRequired : healthOf(pipeline, maxAuditOutageMs),
    async stop() {
      await stop(sdk, options.log);
      losses.end(pipeline?.waiting() ?? 0);
    },
  };
  if (maxAuditOutageMs !== undefined && pipeline === undefined) {
    await telemetry.stop();
    throw trailRefused();
  }
  if (pull === undefined) return telemetry;
  if (pull.isTaken()) return { ...telemetry, collect: pull.collect };
  await telemetry.stop();
  throw metricsRefused();
}

function isExportWanted({ enabled, otlpEndpoint }: TelemetryOptions, env: Variables): boolean {
  if (enabled !== undefined) return enabled;
  return otlpEndpoint !== undefined || Object.keys(env).some((name) => STARTS_TELEMETRY.test(name) && env[name] !== "");
}

/** What is given to the SDK takes the place of what its variables name. */
function readersBeside({ reader }: PullReader, isExported: boolean): NodeSdkOptions {
  if (isExported) return { metricReaders: [...pushReaders(process.env), reader] };
  return { metricReaders: [reader], spanProcessors: [], logRecordProcessors: [] };
}

function metricsRefused(): StartError {
  return new StartError(
    "telemetry.prometheus_address or admin.address is set, but OpenTelemetry has started no metrics: unset OTEL_SDK_DISABLED and OTEL_CONFIG_FILE, or remove that setting.",
  );
}

/** As the SDK reads it: then it makes nothing. */
function isSdkEnabled(env: Variables): boolean {
  return env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() !== "true";
}

function healthOf({ overdueMs }: LogPipeline, maxAuditOutageMs: number | undefined): TrailHealth {
  return maxAuditOutageMs === undefined ? notRequired : requiredTrail(overdueMs, maxAuditOutageMs);
}

function trailRefused(): StartError {
  return new StartError(
    "telemetry.max_audit_outage is set, but log events go to no OTLP receiver: set telemetry.otlp_endpoint, and unset OTEL_SDK_DISABLED, OTEL_LOGS_EXPORTER and OTEL_CONFIG_FILE, or remove telemetry.max_audit_outage.",
  );
}

/** Required, not imported: its 250 modules are there a third sooner so, and load no undici (see `keys/fetch-json.ts`). */
function loadSdk(): typeof NodeSdk {
  return createRequire(import.meta.url)("@opentelemetry/sdk-node");
}

/** The configuration in the words of the standard variables, which alone reach all of the SDK; what is set stays. */
function defaultsFor({ otlpEndpoint, sampleRatio }: TelemetryOptions, env: Variables): Record<string, string> {
  const defaults: Record<string, string> = { OTEL_PROPAGATORS: "tracecontext" };
  if (otlpEndpoint !== undefined && env["OTEL_EXPORTER_OTLP_ENDPOINT"] === undefined) {
    defaults["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlpEndpoint;
    defaults["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
  }
  if (env["OTEL_TRACES_SAMPLER"] === undefined) {
    defaults["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio";
    defaults["OTEL_TRACES_SAMPLER_ARG"] = String(sampleRatio);
  }
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => env[name] === undefined));
}

/** The SDK reads its variables while it is made, and not after. */
function withVariables<Result>(variables: Readonly<Record<string, string>>, make: () => Result): Result {
  Object.assign(process.env, variables);
  try {
    return make();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

function diagnosticsTo(log: TelemetryOptions["log"]): DiagLogger {
  return {
    error: (message) => log.error({ otel: message }, "telemetry failed"),
    warn: (message) => log.warn({ otel: message }, "telemetry has a problem"),
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
}

function ignore(): void {
  // Less than a warning is for the SDK's own developers.
}

async function stop(sdk: { shutdown(): Promise<void> }, log: TelemetryOptions["log"]): Promise<void> {
  // What the last calls told is written in the turn after them.
  await nextTurn();
  const flushed = sdk.shutdown().catch((error: unknown) => log.warn({ err: error }, "the last telemetry was not sent"));
  await Promise.race([flushed, delay(FLUSH_MS, undefined, { ref: false })]);
  for (const api of [trace, metrics, logs, propagation, context, diag]) api.disable();
}
