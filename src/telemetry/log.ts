import { type DestinationStream, destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { summarise } from "./error-summary.ts";

export type LogOptions = {
  level: "debug" | "info" | "warn" | "error";
  /** `auto`: pretty on a terminal, else JSON. */
  format: "auto" | "json" | "pretty";
  /** The number of this worker among those of its instance. */
  worker?: number | undefined;
};

const STANDARD_OUTPUT = 1;

/**
 * Opens the log. Nothing secret can come in by accident: tokens and secrets are `Secret`, which prints as `[redacted]`, and of an
 * error under `err` only a summary is written.
 * @param to standard output when absent
 */
export async function openLog(options: LogOptions, to?: DestinationStream): Promise<Logger> {
  const pinoOptions: LoggerOptions = {
    level: options.level,
    base: { pid: process.pid, ...(options.worker === undefined ? {} : { worker: options.worker }) },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: summarise },
  };
  const isPretty = options.format === "pretty" || (options.format === "auto" && process.stdout.isTTY);
  if (to !== undefined || !isPretty) return pino(pinoOptions, to ?? destination({ fd: STANDARD_OUTPUT, sync: true }));
  const { default: pretty } = await import("pino-pretty");
  return pino(pinoOptions, pretty({ sync: true, ignore: "pid", translateTime: "SYS:HH:MM:ss.l" }));
}
