import { type ClientReadableStream, type ServiceError, type StatusObject, status } from "@grpc/grpc-js";
import type { Channel } from "../channel.ts";
import { AssayClientError, ofEnd, ofServiceError } from "../client-error.ts";
import { AuthorityServiceService, type SyncResponse } from "../gen/assay/v1/authority_service.ts";
import { TokenServiceService, type WatchRevocationsResponse } from "../gen/assay/v1/token_service.ts";

export type WatchTerms = {
  /** The last revision that was told; empty: from the beginning. */
  after: string;
  closed: AbortSignal;
  /** What it throws ends the stream. */
  take: (step: WatchRevocationsResponse) => void;
};

/** A living service proves several times a second that nothing is missing. */
const GREATEST_SILENCE_MS = 2_000;
const SYNC_MS = 2_000;

/**
 * Takes what the service tells of revocations. Resolves when it ends the stream well, or the client is closed.
 * @throws AssayClientError when it breaks or falls silent; whatever `take` throws
 */
export async function watchStream({ client, metadata }: Channel, terms: WatchTerms): Promise<void> {
  const { after, closed, take } = terms;
  const { path, requestSerialize, responseDeserialize } = TokenServiceService.watchRevocations;
  const own = await metadata();
  const request = { after, digests_only: true };
  const stream: ClientReadableStream<WatchRevocationsResponse> = client.makeServerStreamRequest(
    ...([path, requestSerialize, responseDeserialize, request, own] as const),
  );
  await new Promise<void>((resolve, reject) => {
    const leave = (settle: () => void): void => {
      clearTimeout(silence);
      closed.removeEventListener("abort", stop);
      stream.removeAllListeners("data");
      stream.cancel();
      settle();
    };
    const stop = (): void => leave(resolve);
    const fell = (): void => leave(() => reject(silent()));
    const silence = setTimeout(fell, GREATEST_SILENCE_MS);
    closed.addEventListener("abort", stop, { once: true });
    stream
      .on("data", (step: WatchRevocationsResponse) => {
        silence.refresh();
        try {
          take(step);
        } catch (error) {
          leave(() => reject(error));
        }
      })
      // It says no more than the status, which follows. Also once it has been cancelled.
      .on("error", () => undefined)
      .on("status", ({ code, details, metadata: trailers }: StatusObject) => {
        if (code === status.OK) stop();
        else leave(() => reject(ofEnd(code, details, trailers)));
      });
    if (closed.aborted) stop();
  });
}

/** Asks for the store's time. @throws AssayClientError */
export async function sync({ client, metadata }: Channel): Promise<SyncResponse> {
  const { path, requestSerialize, responseDeserialize } = AuthorityServiceService.sync;
  const own = await metadata();
  const options = { deadline: Date.now() + SYNC_MS };
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      ...([path, requestSerialize, responseDeserialize, { at_least_as_fresh: "" }, own, options] as const),
      (error: ServiceError | null, response) => {
        if (error !== null) reject(ofServiceError(error));
        else if (response === undefined) reject(silent());
        else resolve(response);
      },
    );
  });
}

function silent(): AssayClientError {
  return new AssayClientError({
    code: "UNAVAILABLE",
    message: "the service does not prove that no revocation is missing",
  });
}
