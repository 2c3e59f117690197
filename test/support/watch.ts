/** A watch of revocations as a client sees it: everything that came, and how it ended. */
import { type Client, type ClientReadableStream, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { z } from "zod";
import { CallError } from "./call-error.ts";
import { method } from "./contract.ts";
import { eventually } from "./eventually.ts";

const selector = z.object({
  iss: z.string(),
  jti: z.string().optional(),
  token_digest: z.string().optional(),
  sid: z.string().optional(),
  sub: z.string().optional(),
  client_id: z.string().optional(),
  key_id: z.string().optional(),
});
const revocation = z.object({
  digest: z.instanceof(Buffer),
  selector: selector.optional(),
  born_at_or_before_ms: z.number().optional(),
  expires_at_ms: z.number().optional(),
  reason: z.string().optional(),
  appended_at_ms: z.number().optional(),
});
const watchStep = z.object({
  revocations: z.array(revocation).default([]),
  revision: z.string().optional(),
  proved_at_ms: z.number().optional(),
  from_beginning: z.boolean().default(false),
});

export type WatchStep = z.output<typeof watchStep>;
export type ToldRevocation = WatchStep["revocations"][number];

export type TestWatch = {
  steps: readonly WatchStep[];
  /** Of all steps. */
  told(): ToldRevocation[];
  /** The last that was received. */
  revision(): string | undefined;
  /** The service has let us in. */
  isWelcome(): boolean;
  /** Resolves when so many revocations have been told. */
  hasTold(count: number): Promise<void>;
  /** Resolves at the next proof of freshness. */
  proved(): Promise<void>;
  /** Resolves to "OK", or rejects with a `CallError`. */
  ended: Promise<"OK">;
  pause(): void;
  resume(): void;
  cancel(): void;
};

export type WatchInput = { after?: string; digests_only?: boolean };

/** @param isPaused nothing is read before `resume` */
export function openWatch(client: Client, request: WatchInput, metadata: Metadata, isPaused: boolean): TestWatch {
  const { path, requestSerialize, responseDeserialize } = method("WatchRevocations");
  const steps: WatchStep[] = [];
  let isWelcome = false;
  const stream: ClientReadableStream<WatchStep> = client.makeServerStreamRequest(
    path,
    requestSerialize,
    (bytes: Buffer) => watchStep.parse(responseDeserialize(bytes)),
    request,
    metadata,
  );
  const { promise: ended, resolve, reject } = Promise.withResolvers<"OK">();
  // Whoever does not ask how it ended does not care.
  ended.catch(() => undefined);
  stream
    .on("metadata", () => {
      isWelcome = true;
    })
    .on("error", (error: ServiceError) => reject(new CallError(error)))
    .on("status", ({ code }) => {
      if (code === status.OK) resolve("OK");
    });
  if (isPaused) stream.pause();
  stream.on("data", (step: WatchStep) => steps.push(step));
  const told = (): ToldRevocation[] => steps.flatMap(({ revocations }) => revocations);
  const proofs = (): number => steps.filter(({ proved_at_ms: provedAt }) => provedAt !== undefined).length;
  return {
    steps,
    told,
    revision: () => steps.findLast((step) => step.revision !== undefined)?.revision,
    isWelcome: () => isWelcome,
    async hasTold(count) {
      await eventually(`${count} revocations have been told`, () => told().length >= count || undefined);
    },
    async proved() {
      const before = proofs();
      await eventually("a proof of freshness has come", () => proofs() > before || undefined);
    },
    ended,
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    cancel: () => stream.cancel(),
  };
}
