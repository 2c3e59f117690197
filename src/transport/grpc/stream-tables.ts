import type { Http2Session, Http2Stream } from "node:http2";
import { type NumberMap, numberMap } from "./number-map.ts";

/** Where Node keeps the open streams of a connection. */
const STATE = "state";

/**
 * Gives a connection a table of streams that lets go of those that have ended, which Node's own does not: docs/adr/0014. A version
 * of Node that keeps them elsewhere keeps its own, and is slower by that.
 */
export function letGoOfStreams(session: Http2Session): void {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === STATE);
  const state: { streams?: NumberMap<Http2Stream> } = key === undefined ? {} : Object(Reflect.get(session, key));
  if (state.streams === undefined) return;
  const streams = numberMap<Http2Stream>();
  state.streams.forEach((stream, id) => streams.set(id, stream));
  state.streams = streams;
}
