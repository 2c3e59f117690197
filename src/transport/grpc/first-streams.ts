import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Http2Session, Http2Stream, ServerHttp2Session } from "node:http2";

const STREAM_CREATED = "http2.server.stream.created";

/**
 * Shows each connection at its first stream. grpc-js hides its connections, and Node has a channel for streams alone.
 * @returns what ends it
 */
export function atFirstStream(prepare: (session: ServerHttp2Session) => void): () => void {
  const seen = new WeakSet<Http2Session>();
  const onCreated = (message: unknown): void => {
    const { stream }: { stream?: Http2Stream & { session?: ServerHttp2Session } } = Object(message);
    if (stream?.session === undefined || seen.has(stream.session)) return;
    seen.add(stream.session);
    prepare(stream.session);
  };
  subscribe(STREAM_CREATED, onCreated);
  return () => void unsubscribe(STREAM_CREATED, onCreated);
}
