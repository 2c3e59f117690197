import { createRequire } from "node:module";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import { type Exporter, type ExportResult, exportWithRetries, type RetryTerms, SUCCESS } from "./log-export.ts";
import type { LogLosses } from "./log-losses.ts";

type LogRecordProcessor = NonNullable<NodeSDKConfiguration["logRecordProcessors"]>[number];

export type LogPipeline = {
  processor: LogRecordProcessor;
  /** How many log events have not left yet. */
  waiting(): number;
  /** For how long nothing was taken while something waited, in milliseconds; 0 while nothing waits. */
  overdueMs: () => number;
};

type Batching = {
  exporter: Exporter;
  maxQueueSize: number;
  maxExportBatchSize: number;
  scheduledDelayMillis: number;
  exportTimeoutMillis: number;
};
type Variables = Readonly<Record<string, string | undefined>>;

const EXPORTERS: Readonly<Record<string, string>> = {
  grpc: "@opentelemetry/exporter-logs-otlp-grpc",
  "http/json": "@opentelemetry/exporter-logs-otlp-http",
  "http/protobuf": "@opentelemetry/exporter-logs-otlp-proto",
};

/** The longest that a timer takes: 24 days. */
const FOR_EVER_MS = 2_147_483_647;

/**
 * The pipeline of log events that the SDK makes by the standard variables, with what it loses counted: the SDK itself drops in silence.
 * @param env as the SDK reads it
 * @param mustArrive what is not taken is sent again for as long as it takes: only what comes while the queue is full is lost
 * @returns undefined where the variables ask for another than OTLP, or for what does not exist: that is the SDK's to make, or to refuse
 */
export function logPipeline(
  losses: LogLosses,
  env: Variables = process.env,
  mustArrive = false,
): LogPipeline | undefined {
  const protocol = env["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"] || env["OTEL_EXPORTER_OTLP_PROTOCOL"] || "http/protobuf";
  const name = EXPORTERS[protocol.trim()];
  const isOtlp = ["", "otlp"].includes(env["OTEL_LOGS_EXPORTER"]?.trim() ?? "");
  if (name === undefined || !isOtlp || (env["OTEL_CONFIG_FILE"] ?? "") !== "") return undefined;
  try {
    const { OTLPLogExporter }: { OTLPLogExporter: new () => Exporter } = requiredBySdk(name);
    return counted(new OTLPLogExporter(), losses, env, mustArrive);
  } catch {
    return undefined;
  }
}

/** Of all that was handed over, what waits is known here: so nothing is dropped where it is not seen. */
function counted(exporter: Exporter, losses: LogLosses, env: Variables, mustArrive: boolean): LogPipeline {
  const capacity = positive(env["OTEL_BLRP_MAX_QUEUE_SIZE"]) ?? 2_048;
  const ending = new AbortController();
  let waiting = 0;
  /** Since when nothing has been taken that waited. */
  let overdueSince = 0;
  const ended = (count: number, isExported: boolean): void => {
    waiting -= count;
    if (isExported) {
      overdueSince = performance.now();
      losses.exported();
    } else losses.lost(count, "export_failed");
  };
  const terms = { ending: ending.signal, mustArrive };
  const batches = inBatches(retrying(exporter, terms, ended), { capacity, env, mustArrive });
  const processor: LogRecordProcessor = {
    onEmit(record, context) {
      if (waiting >= capacity) {
        losses.lost(1, "queue_full");
        return;
      }
      if (waiting === 0) overdueSince = performance.now();
      waiting += 1;
      batches.onEmit(record, context);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown() {
      ending.abort();
      return batches.shutdown();
    },
  };
  return {
    processor,
    waiting: () => waiting,
    overdueMs: () => (waiting === 0 ? 0 : performance.now() - overdueSince),
  };
}

function retrying(
  exporter: Exporter,
  terms: RetryTerms,
  ended: (count: number, isExported: boolean) => void,
): Exporter {
  const exportAll = async (records: readonly object[], done: (result: ExportResult) => void): Promise<void> => {
    const result = await exportWithRetries(exporter, records, terms);
    ended(records.length, result.code === SUCCESS);
    done(result);
  };
  return {
    export: (records, done) => void exportAll(records, done),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

function inBatches(
  exporter: Exporter,
  { capacity, env, mustArrive }: { capacity: number; env: Variables; mustArrive: boolean },
): LogRecordProcessor {
  const { BatchLogRecordProcessor }: { BatchLogRecordProcessor: new (options: Batching) => LogRecordProcessor } =
    requiredBySdk("@opentelemetry/sdk-logs");
  return new BatchLogRecordProcessor({
    exporter,
    maxQueueSize: capacity,
    maxExportBatchSize: Math.min(positive(env["OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"]) ?? 512, capacity),
    scheduledDelayMillis: positive(env["OTEL_BLRP_SCHEDULE_DELAY"]) ?? 1_000,
    // Of all tries together.
    exportTimeoutMillis: mustArrive ? FOR_EVER_MS : (positive(env["OTEL_BLRP_EXPORT_TIMEOUT"]) ?? 90_000),
  });
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && text !== "" && value > 0 ? value : undefined;
}

/** As the SDK finds it: these packages are its own dependencies, of the very versions that it works with. */
function requiredBySdk(name: string) {
  return createRequire(createRequire(import.meta.url).resolve("@opentelemetry/sdk-node"))(name);
}
