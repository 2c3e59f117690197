import { AssayError } from "../../core/error.ts";
import type { Http2Stream } from "./http2-stream.ts";

/** Streams open at once: each keeps its place until nothing of it is left. */
export type StreamLimits = { inAll: number; ofCaller: number };

export type StreamWork = {
  begin: () => Promise<void>;
  /** Ends the work before long, when it is told to. Absent: it is left as it is, and goes on unheard. */
  end?: (reason?: AssayError) => void;
  /** Runs every half second while the stream is open. */
  look?: () => void;
};

/** Whose stream it is. */
export type StreamPlace = { stream: Http2Stream; caller: string; limits: StreamLimits };

/** The streams that go on until somebody ends them. */
export type StreamsInFlight = {
  /**
   * Begins the work of a stream, unless there are too many already. Resolves or rejects as the work does. Where that cannot be
   * ended, resolves before when its connection has come of age or all streams are ended, or rejects with the reason for that.
   * @throws AssayError `rate_limited`, and the reason for which all were ended
   */
  follow(place: StreamPlace, work: StreamWork): Promise<void>;
  /** Ends all of them: well without a reason, else for good, and no other begins. */
  endAll(reason?: AssayError): void;
};

type Open = Pick<StreamPlace, "stream" | "caller"> & Required<Pick<StreamWork, "end">> & Pick<StreamWork, "look">;

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
    for (const one of open) {
      if (one.stream.isLeaving()) one.end();
      one.look?.();
    }
  }

  return {
    async follow({ stream, caller, limits: { inAll, ofCaller } }, work) {
      if (endedFor !== undefined) throw endedFor;
      if (open.size >= inAll) throw tooMany("the instance serves", "limits.streams");
      if ([...open].filter((one) => one.caller === caller).length >= ofCaller)
        throw tooMany(`the caller '${caller}' has`, "limits.streams_per_caller");
      return new Promise((resolve, reject) => {
        const leave = (reason?: AssayError): void => (reason === undefined ? resolve() : reject(reason));
        void keep({ end: leave, ...work, stream, caller });
        work.begin().then(resolve, reject);
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
    `${whoHas} as many streams at once as ${setting} allows: end one, raise it, or begin it at another instance`,
  );
}
