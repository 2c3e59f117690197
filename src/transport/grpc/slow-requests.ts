import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants, type ServerHttp2Stream } from "node:http2";
import { numberMap } from "./number-map.ts";

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
const MAX_NUMBER = 0x7fff_ffff;
const NUMBER = Symbol("number of the request");
/**
 * grpc-js keeps a request in memory until it is whole, outside of what HTTP/2 counts, and before anybody is authenticated. So
 * what never becomes whole is cut: each request after 10 s, and the oldest when more than 256 are slow.
 * @param streaming how the paths begin whose requests are streams, open as long as their clients like
 * @returns what ends it
 */
export function cutSlowRequests(streaming: readonly string[]): () => void {
  const open = numberMap<Request>();
  let count = 0;

  const onCreated = (message: unknown): void => {
    const { stream, headers } = readMessage(message);
    const path = headers?.[constants.HTTP2_HEADER_PATH] ?? "";
    if (stream === undefined || streaming.some((prefix) => path.startsWith(prefix))) return;
    // Numbers are used again long after those who had them were cut.
    count = (count % MAX_NUMBER) + 1;
    stream[NUMBER] = count;
    open.set(count, { stream, since: performance.now() });
  };
  const onClosed = (message: unknown): void => {
    const { stream } = readMessage(message);
    if (stream?.[NUMBER] !== undefined) open.delete(stream[NUMBER]);
  };

  const sweep = (): void => {
    const now = performance.now();
    const slow: Request[] = [];
    open.forEach((request, number) => {
      if (now - request.since <= SLOW_MS) return;
      if (request.stream.readableEnded || request.stream.destroyed) open.delete(number);
      else slow.push(request);
    });
    slow.sort((one, other) => one.since - other.since);
    for (const [index, { stream, since }] of slow.entries()) {
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

type Numbered = ServerHttp2Stream & { [NUMBER]?: number };
type Request = { stream: Numbered; since: number };
type Told = { stream?: Numbered; headers?: Readonly<Record<string, string | undefined>> };

function readMessage(message: unknown): Told {
  return Object(message);
}
