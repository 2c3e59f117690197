import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import type { AuthorityChannel } from "./authority-channel.ts";
import { readToldStep, type ToldStep } from "./told-step.ts";

export type WatchTerms = {
  /** The last revision that was told; absent: from the beginning. */
  after: string | undefined;
  /** How long an authority may be silent: a living one proves several times a second that no revocation is missing. */
  greatestSilenceMs: number;
  stopped: AbortSignal;
  /** What it throws ends the stream. */
  take: (step: ToldStep) => void;
};

const WATCH = { ...TokenServiceService.watchRevocations, responseDeserialize: readToldStep };

/**
 * Takes what an authority tells of revocations, a step at a time: nothing is queued but what HTTP/2 lets through. Resolves when it falls
 * silent, or is told to stop.
 * @throws ServiceError when it ends the stream; whatever `take` throws
 */
export function watchStream(channel: AuthorityChannel, terms: WatchTerms): Promise<void> {
  const { after = "", greatestSilenceMs, stopped, take } = terms;
  const stream = channel.stream(WATCH, { after, digests_only: true });
  return new Promise((resolve, reject) => {
    const leave = (settle: () => void): void => {
      clearTimeout(silence);
      stopped.removeEventListener("abort", stop);
      stream.removeAllListeners("data");
      stream.cancel();
      settle();
    };
    const stop = (): void => leave(resolve);
    const silence = setTimeout(stop, greatestSilenceMs);
    stopped.addEventListener("abort", stop, { once: true });
    stream
      .on("data", (step: ToldStep) => {
        silence.refresh();
        try {
          take(step);
        } catch (error) {
          leave(() => reject(error));
        }
      })
      // Also once it has been cancelled.
      .on("error", (error) => leave(() => reject(error)))
      .on("end", () => leave(() => reject(new Error("it ended the stream of revocations"))));
    if (stopped.aborted) stop();
  });
}
