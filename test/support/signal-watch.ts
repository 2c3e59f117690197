/** A watch of signals as a client sees it: everything that came, and how it ended. */
import { type Client, type ClientReadableStream, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { z } from "zod";
import { CallError } from "./call-error.ts";
import { method } from "./contract.ts";
import { eventually } from "./eventually.ts";

const toldSignal = z.strictObject({
  id: z.string(),
  at_ms: z.number(),
  kind: z.string(),
  severity: z.string(),
  caller: z.string(),
  client_id: z.string().optional(),
  detail: z.string().optional(),
  count: z.number().optional(),
  window: z.object({ seconds: z.number().default(0), nanos: z.number().default(0) }).optional(),
  token_fingerprint: z.string().optional(),
  family_fingerprint: z.string().optional(),
  subject_fingerprint: z.string().optional(),
  network_fingerprint: z.string().optional(),
  action: z.string().optional(),
  reported_by: z.string().optional(),
});
const signalStep = z.object({ signals: z.array(toldSignal).default([]) });

export type ToldSignal = z.output<typeof toldSignal>;
export type SignalStep = z.output<typeof signalStep>;
export type SignalWatchInput = { latest?: number; at_least?: string | number };

export type TestSignalWatch = {
  steps: readonly SignalStep[];
  /** Of all steps. */
  told(): ToldSignal[];
  /** Resolves when the service has told that the stream is alive. */
  begun(): Promise<void>;
  /** Resolves to all that have been told when there are so many. */
  hasTold(count: number): Promise<ToldSignal[]>;
  /** Resolves to the first that is like this. */
  tells(like: Partial<ToldSignal>): Promise<ToldSignal>;
  /** Resolves to "OK", or rejects with a `CallError`. */
  ended: Promise<"OK">;
  cancel(): void;
};

export function openSignalWatch(client: Client, request: SignalWatchInput, metadata: Metadata): TestSignalWatch {
  const { path, requestSerialize, responseDeserialize } = method("WatchSignals");
  const steps: SignalStep[] = [];
  const stream: ClientReadableStream<SignalStep> = client.makeServerStreamRequest(
    path,
    requestSerialize,
    (bytes: Buffer) => signalStep.parse(responseDeserialize(bytes)),
    request,
    metadata,
  );
  const { promise: ended, resolve, reject } = Promise.withResolvers<"OK">();
  // Whoever does not ask how it ended does not care.
  ended.catch(() => undefined);
  stream
    .on("error", (error: ServiceError) => reject(new CallError(error)))
    .on("status", ({ code }) => {
      if (code === status.OK) resolve("OK");
    })
    .on("data", (step: SignalStep) => steps.push(step));
  const told = (): ToldSignal[] => steps.flatMap(({ signals }) => signals);
  return {
    steps,
    told,
    async begun() {
      const first = eventually("the stream begins", () => steps.length > 0 || undefined);
      await Promise.race([first, ended]);
    },
    hasTold: (count) =>
      eventually(`${count} signals have been told`, () => (told().length >= count ? told() : undefined)),
    tells: (like) =>
      eventually(`a signal like ${JSON.stringify(like)} has been told`, () =>
        told().find((one) =>
          Object.entries({ ...one, ...like }).every(([name, value]) => Reflect.get(one, name) === value),
        ),
      ),
    ended,
    cancel: () => stream.cancel(),
  };
}
