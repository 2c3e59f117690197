import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Http2Session, Http2Stream } from "node:http2";
import { type NumberMap, numberMap } from "./number-map.ts";

const STREAM_CREATED = "http2.server.stream.created";
/** Where Node keeps the open streams of a connection. */
const STATE = "state";

/**
 * Gives each connection a table of streams that lets go of those that have ended, which Node's own does not: docs/adr/0014. A version
 * of Node that keeps them elsewhere keeps its own, and is slower by that.
 * @returns what ends it for connections to come
 */
export function letGoOfStreams(): () => void {
  const seen = new WeakSet<Http2Session>();
  const onCreated = (message: unknown): void => {
    const { stream }: { stream?: Http2Stream } = Object(message);
    const session = stream?.session;
    if (session === undefined || seen.has(session)) return;
    seen.add(session);
    replaceTable(session);
  };
  subscribe(STREAM_CREATED, onCreated);
  return () => void unsubscribe(STREAM_CREATED, onCreated);
}

function replaceTable(session: Http2Session): void {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === STATE);
  const state: { streams?: NumberMap<Http2Stream> } = key === undefined ? {} : Object(Reflect.get(session, key));
  if (state.streams === undefined) return;
  const streams = numberMap<Http2Stream>();
  state.streams.forEach((stream, id) => streams.set(id, stream));
  state.streams = streams;
}
