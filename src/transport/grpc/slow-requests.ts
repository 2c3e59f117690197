import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants, type ServerHttp2Stream } from "node:http2";

/** Node's own channels, which show the streams that grpc-js hides, and cost less than listeners on each. */
const STREAM_CREATED = "http2.server.stream.created";
const STREAM_CLOSED = "http2.server.stream.close";
const SWEEP_MS = 500;
/** A request that is not there after this is slow. */
const SLOW_MS = 1_000;
/** How long a request may take to arrive. */
const RECEIVE_TIMEOUT_MS = 10_000;
/** Slow requests at once, of all connections together. */
const MAX_SLOW = 256;
/**
 * grpc-js keeps a request in memory until it is whole, outside of what HTTP/2 counts, and before anybody is authenticated. So
 * what never becomes whole is cut: each request after 10 s, and the oldest when more than 256 are slow.
 * @param streaming how the paths begin whose requests are streams, open as long as their clients like
 * @returns what ends it
 */
export function cutSlowRequests(streaming: readonly string[]): () => void {
  const open = new Map<ServerHttp2Stream, number>();

  const onCreated = (message: unknown): void => {
    const { stream, headers } = readMessage(message);
    const path = headers?.[constants.HTTP2_HEADER_PATH] ?? "";
    if (stream === undefined || streaming.some((prefix) => path.startsWith(prefix))) return;
    open.set(stream, performance.now());
  };
  const onClosed = (message: unknown): void => {
    const { stream } = readMessage(message);
    if (stream !== undefined) open.delete(stream);
  };

  const sweep = (): void => {
    const now = performance.now();
    // A map keeps the order of arrival: the oldest come first.
    const slow: [ServerHttp2Stream, number][] = [];
    for (const [stream, since] of open) {
      if (now - since <= SLOW_MS) break;
      if (stream.readableEnded || stream.destroyed) open.delete(stream);
      else slow.push([stream, since]);
    }
    for (const [index, [stream, since]] of slow.entries()) {
      const isTooMany = index < slow.length - MAX_SLOW;
      if (isTooMany || now - since > RECEIVE_TIMEOUT_MS) stream.close(constants.NGHTTP2_CANCEL);
    }
  };

  subscribe(STREAM_CREATED, onCreated);
  subscribe(STREAM_CLOSED, onClosed);
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  return () => {
    unsubscribe(STREAM_CREATED, onCreated);
    unsubscribe(STREAM_CLOSED, onClosed);
    clearInterval(sweeping);
  };
}

type Told = { stream?: ServerHttp2Stream; headers?: Readonly<Record<string, string | undefined>> };

function readMessage(message: unknown): Told {
  return Object(message);
}
