import { AssayError } from "../../core/error.ts";
import type { Http2Stream } from "./http2-stream.ts";

/** Streams open at once: each keeps its place until nothing of it is left. */
export type StreamLimits = { inAll: number; ofCaller: number };

/** The streams that go on until somebody ends them. */
export type StreamsInFlight = {
  /**
   * Begins the work of a stream, unless there are too many already. Resolves or rejects as the work does, or before when the
   * stream is ended; resolves when its connection has come of age.
   * @throws AssayError `rate_limited`, and the reason for which all were ended
   */
  follow(stream: Http2Stream, caller: string, limits: StreamLimits, begin: () => Promise<void>): Promise<void>;
  /** Ends all of them: well without a reason, else for good, and no other begins. What they have begun goes on, unheard. */
  endAll(reason?: AssayError): void;
};

type Open = { stream: Http2Stream; caller: string; end(reason?: AssayError): void };

const SWEEP_MS = 500;

export function streamsInFlight(): StreamsInFlight {
  const open = new Set<Open>();
  let sweeping: NodeJS.Timeout | undefined;
  let endedFor: AssayError | undefined;

  async function keep(one: Open): Promise<void> {
    open.add(one);
    sweeping ??= setInterval(sweep, SWEEP_MS).unref();
    await one.stream.closed;
    open.delete(one);
    if (open.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  /** grpc-js says goodbye on an old connection, waits, and cuts what is still open without a word. */
  function sweep(): void {
    for (const one of open) if (one.stream.isLeaving()) one.end();
  }

  return {
    async follow(stream, caller, { inAll, ofCaller }, begin) {
      if (endedFor !== undefined) throw endedFor;
      if (open.size >= inAll) throw tooMany("the instance serves", "limits.streams");
      if ([...open].filter((one) => one.caller === caller).length >= ofCaller)
        throw tooMany(`the caller '${caller}' has`, "limits.streams_per_caller");
      return new Promise((resolve, reject) => {
        void keep({ stream, caller, end: (reason) => (reason === undefined ? resolve() : reject(reason)) });
        begin().then(resolve, reject);
      });
    },
    endAll(reason) {
      endedFor ??= reason;
      for (const one of open) one.end(reason);
    },
  };
}

function tooMany(whoHas: string, setting: string): AssayError {
  return new AssayError(
    "rate_limited",
    `${whoHas} as many streams at once as ${setting} allows: end one, raise it, or watch another instance`,
  );
}
