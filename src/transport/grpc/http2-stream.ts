import type { EventEmitter } from "node:events";
import { constants, type ServerHttp2Stream } from "node:http2";

/** What of a call's HTTP/2 stream grpc-js does not show. */
export type Http2Stream = {
  /** Resolves when nothing of it is left, however it ended. */
  closed: Promise<void>;
  /** Nothing more can be said on it. What is reset by its client seems to end well at first. */
  isClosed(): boolean;
  /** Its connection has been asked to go, and will be cut before long. */
  isLeaving(): boolean;
  /** Lets go of what its peer does not read. */
  reset(): void;
};

type Inner = { call?: { stream?: ServerHttp2Stream } };

/** A version of grpc-js that keeps it elsewhere is noticed at the first stream. */
export function http2StreamOf(call: EventEmitter): Http2Stream {
  const stream = innerOf(call).call?.stream;
  if (stream?.close === undefined) throw new Error("this version of grpc-js keeps its HTTP/2 streams elsewhere");
  return {
    closed: new Promise((resolve) => {
      if (stream.destroyed) resolve();
      else stream.once("close", resolve);
    }),
    isClosed: () => stream.closed,
    isLeaving: () => stream.session?.closed !== false,
    reset: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

/** The same object for all calls of a connection; undefined once it is cut. */
export function connectionOf(call: unknown): object | undefined {
  return innerOf(call).call?.stream?.session;
}

function innerOf(call: unknown): Inner {
  return Object(call);
}
