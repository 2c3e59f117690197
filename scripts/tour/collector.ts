import { listenOn, serverOf } from "../../test/support/otlp-grpc-server.ts";
import { type ExportedLogEvent, exportMethod, logEventsOf } from "../../test/support/otlp-messages.ts";

export type Received = ExportedLogEvent & {
  /** Milliseconds since the epoch. */
  receivedAt: number;
};

export type Collector = {
  /** For `telemetry.otlp_endpoint`. */
  endpoint: string;
  /** Log events, in the order in which they came. */
  received: readonly Received[];
  stop(): Promise<void>;
};

/** What stands for an OpenTelemetry collector: it takes what comes over OTLP, and keeps the log events. */
export async function startCollector(): Promise<Collector> {
  const received: Received[] = [];
  const server = serverOf((part, request, answer) => {
    const receivedAt = Date.now();
    if (part === "logs")
      for (const event of logEventsOf(exportMethod(part).requestDeserialize(request)))
        received.push({ ...event, receivedAt });
    answer(null, {});
  });
  const port = await listenOn(server, 0);
  return { endpoint: `http://127.0.0.1:${port}`, received, stop: async () => server.forceShutdown() };
}
