import { createRequire } from "node:module";
import type { NodeSDKConfiguration } from "@opentelemetry/sdk-node";
import type { LogLosses } from "./log-losses.ts";

type LogRecordProcessor = NonNullable<NodeSDKConfiguration["logRecordProcessors"]>[number];

export type LogPipeline = {
  processor: LogRecordProcessor;
  /** How many log events have not left yet. */
  waiting(): number;
};

/** What of an exporter of the SDK is used here. `code` 0 is success. */
type ExportResult = { code: number; error?: Error };
type Exporter = {
  export(records: readonly object[], done: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
};
type Batching = {
  exporter: Exporter;
  maxQueueSize: number;
  maxExportBatchSize: number;
  scheduledDelayMillis: number;
  exportTimeoutMillis: number;
};
type Variables = Readonly<Record<string, string | undefined>>;

const SUCCESS = 0;
const EXPORTERS: Readonly<Record<string, string>> = {
  grpc: "@opentelemetry/exporter-logs-otlp-grpc",
  "http/json": "@opentelemetry/exporter-logs-otlp-http",
  "http/protobuf": "@opentelemetry/exporter-logs-otlp-proto",
};

/**
 * The pipeline of log events that the SDK makes by the standard variables, with what it loses counted: the SDK itself drops in silence.
 * @param env as the SDK reads it
 * @returns undefined where the variables ask for another than OTLP, or for what does not exist: that is the SDK's to make, or to refuse
 */
export function logPipeline(losses: LogLosses, env: Variables = process.env): LogPipeline | undefined {
  const protocol = env["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"] || env["OTEL_EXPORTER_OTLP_PROTOCOL"] || "http/protobuf";
  const name = EXPORTERS[protocol.trim()];
  const isOtlp = ["", "otlp"].includes(env["OTEL_LOGS_EXPORTER"]?.trim() ?? "");
  if (name === undefined || !isOtlp || (env["OTEL_CONFIG_FILE"] ?? "") !== "") return undefined;
  try {
    const { OTLPLogExporter }: { OTLPLogExporter: new () => Exporter } = requiredBySdk(name);
    return counted(new OTLPLogExporter(), losses, env);
  } catch {
    return undefined;
  }
}

/** Of all that was handed over, what waits is known here: so nothing is dropped where it is not seen. */
function counted(exporter: Exporter, losses: LogLosses, env: Variables): LogPipeline {
  const capacity = positive(env["OTEL_BLRP_MAX_QUEUE_SIZE"]) ?? 2_048;
  let waiting = 0;
  const watched: Exporter = {
    export(records, done) {
      const ended = (result: ExportResult): void => {
        waiting -= records.length;
        if (result.code === SUCCESS) losses.exported();
        else losses.lost(records.length, "export_failed");
        done(result);
      };
      exporter.export(records, ended);
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const { BatchLogRecordProcessor }: { BatchLogRecordProcessor: new (options: Batching) => LogRecordProcessor } =
    requiredBySdk("@opentelemetry/sdk-logs");
  const batches = new BatchLogRecordProcessor({
    exporter: watched,
    maxQueueSize: capacity,
    maxExportBatchSize: Math.min(positive(env["OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"]) ?? 512, capacity),
    scheduledDelayMillis: positive(env["OTEL_BLRP_SCHEDULE_DELAY"]) ?? 1_000,
    exportTimeoutMillis: positive(env["OTEL_BLRP_EXPORT_TIMEOUT"]) ?? 30_000,
  });
  return { processor: bounded(), waiting: () => waiting };

  function bounded(): LogRecordProcessor {
    return {
      onEmit(record, context) {
        if (waiting >= capacity) {
          losses.lost(1, "queue_full");
          return;
        }
        waiting += 1;
        batches.onEmit(record, context);
      },
      forceFlush: () => batches.forceFlush(),
      shutdown: () => batches.shutdown(),
    };
  }
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && text !== "" && value > 0 ? value : undefined;
}

/** As the SDK finds it: these packages are its own dependencies, of the very versions that it works with. */
function requiredBySdk(name: string) {
  return createRequire(createRequire(import.meta.url).resolve("@opentelemetry/sdk-node"))(name);
}
