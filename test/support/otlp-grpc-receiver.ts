/** A receiver of OTLP over gRPC, as a collector is one, stopped when the test has finished. */
import { status } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { recordEmitted } from "./leaks/record.ts";
import type { Emitted } from "./leaks/run-directory.ts";
import { listenOn, serverOf, type Take } from "./otlp-grpc-server.ts";
import {
  type ExportedLogEvent,
  exportMethod,
  logEventsOf,
  type OtlpPart,
  pointsOf,
  type ReceivedSpan,
  spansOf,
} from "./otlp-messages.ts";

export type { ExportedLogEvent } from "./otlp-messages.ts";

export type OtlpGrpcReceiver = {
  /** For `telemetry.otlp_endpoint`. */
  endpoint: string;
  logEvents(): ExportedLogEvent[];
  spans(): ReceivedSpan[];
  /** A counter as it was told last, by one of its attributes. */
  counted(name: string, by: string): Record<string, number>;
  /** Every message it was sent, as its bytes. */
  everything(): string;
  /** From now on it takes what it is sent and says nothing. */
  freeze(): void;
  /** From now on it takes nothing: UNAVAILABLE, as when there is none. */
  refuse(): void;
  /** How often it has refused something of log events. */
  refusals(): number;
  /** It goes on, and answers what it has been sent. */
  thaw(): void;
  /** From now on there is none: its connections break, and nothing listens. */
  kill(): void;
  /** It is there again, at the same address. */
  revive(): Promise<void>;
};

const EMITTED: Readonly<Record<OtlpPart, Emitted>> = { logs: "OTLP logs", trace: "spans", metrics: "metrics" };

export async function startOtlpGrpcReceiver(): Promise<OtlpGrpcReceiver> {
  const received: { part: OtlpPart; bytes: Buffer }[] = [];
  const held: (() => void)[] = [];
  let state: "well" | "frozen" | "refusing" = "well";
  let refusals = 0;
  const take: Take = (part, request, answer) => {
    recordEmitted(EMITTED[part], request);
    if (state === "refusing") {
      if (part === "logs") refusals += 1;
      answer({ code: status.UNAVAILABLE });
      return;
    }
    received.push({ part, bytes: request });
    if (state === "frozen") held.push(() => answer(null, {}));
    else answer(null, {});
  };
  let server = serverOf(take);
  onTestFinished(() => server.forceShutdown());
  const port = await listenOn(server, 0);
  const messages = (part: OtlpPart): unknown[] =>
    received.filter((one) => one.part === part).map(({ bytes }) => exportMethod(part).requestDeserialize(bytes));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    logEvents: () => messages("logs").flatMap(logEventsOf),
    spans: () => messages("trace").flatMap(spansOf),
    counted: (name, by) => Object.fromEntries(messages("metrics").flatMap((message) => pointsOf(message, name, by))),
    everything: () => received.map(({ bytes }) => bytes.toString("latin1")).join("\n"),
    freeze() {
      state = "frozen";
    },
    refuse() {
      state = "refusing";
    },
    refusals: () => refusals,
    thaw() {
      state = "well";
      for (const answer of held.splice(0)) answer();
    },
    kill: () => server.forceShutdown(),
    async revive() {
      server = serverOf(take);
      await listenOn(server, port);
    },
  };
}
