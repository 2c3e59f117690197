import type { ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** What one connection may cost. Times in milliseconds. */
export type ConnectionLimits = {
  /** Open at once; more are closed at once. */
  connections: number;
  age: number;
  ageGrace: number;
  idle: number;
  keepaliveInterval: number;
  keepaliveTimeout: number;
  handshakeTimeout: number;
  concurrentStreams: number;
  headerBytes: number;
};

/** Megabytes for each connection: what its streams, header tables, queued answers and unanswered PINGs and SETTINGS cost. */
const SESSION_MEMORY = 16;

/** In bytes: what a client may send on one connection before it was read. Enough for whole requests on all of its streams. */
const RECEIVE_WINDOW = 1_048_576;

/** Streams that are reset, refused or malformed before the connection is: rapid reset (CVE-2023-44487) and its kin. */
const HTTP2_LIMITS = {
  streamResetBurst: 1_000,
  streamResetRate: 100,
  maxSessionRejectedStreams: 100,
  maxSessionInvalidFrames: 100,
  maxOutstandingPings: 10,
  maxHeaderListPairs: 64,
};

/** The limits that grpc-js knows, and sets none of by itself. */
export function channelOptions(limits: ConnectionLimits): Record<string, number> {
  return {
    "grpc.enable_channelz": 0,
    "grpc.max_concurrent_streams": limits.concurrentStreams,
    "grpc-node.max_session_memory": SESSION_MEMORY,
    "grpc.max_connection_age_ms": limits.age,
    "grpc.max_connection_age_grace_ms": limits.ageGrace,
    "grpc.max_connection_idle_ms": limits.idle,
    "grpc.keepalive_time_ms": limits.keepaliveInterval,
    "grpc.keepalive_timeout_ms": limits.keepaliveTimeout,
  };
}

/**
 * The limits that only node:http2 knows. grpc-js has no way to set them, so they are added to the options that it makes its HTTP/2
 * server with; call it before that. A version of grpc-js that keeps them elsewhere is noticed at the start.
 */
export function limitHttp2(server: Server, { headerBytes }: ConnectionLimits): void {
  const options: unknown = Reflect.get(server, "commonServerOptions");
  const settings: unknown =
    typeof options === "object" && options !== null ? Reflect.get(options, "settings") : undefined;
  if (typeof options !== "object" || options === null || typeof settings !== "object" || settings === null)
    throw new Error("this version of grpc-js keeps its HTTP/2 options elsewhere");
  Object.assign(options, HTTP2_LIMITS, { settings: { ...settings, maxHeaderListSize: headerBytes } });
}

/**
 * With HTTP/2's 64 KB a client that begins many calls at once has to keep the most of each request back until others were read. Under
 * load that takes seconds, and a request that is not whole for so long is cut.
 */
export function widenWindow(session: ServerHttp2Session): void {
  session.setLocalWindowSize(RECEIVE_WINDOW);
}
