/**
 * The client's side of one HTTP/2 connection (RFC 9113), for load alone: what a well-behaved server sends is understood, and
 * anything else ends the run. Frames are made beforehand; a call costs a copy, and the look at its answer.
 */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { callHeaders, FLAG, frame, PREFACE, TYPE } from "../../test/support/http2-frames.ts";
import { type Frame, frameReader, messageReader } from "./frame-reader.ts";
import { grpcStatus } from "./grpc-status.ts";
import { outputOf } from "./output.ts";
import { GREATEST_FRAME } from "./prepared-messages.ts";

export type ConnectionOptions = { origin: string; path: string; metadata: Readonly<Record<string, string>> };

/** What comes back on one stream. */
export type Answered = { message: (bytes: Buffer) => void; ended: (status: number) => void };

export type Connection = {
  readonly openStreams: number;
  /** How many the server takes at once. */
  readonly greatestStreams: number;
  /** A new stream, for one call. */
  open(answered: Answered): OpenStream;
  close(): void;
};

/** @param frames DATA frames made beforehand; sent as soon as the windows allow, in order */
export type OpenStream = { send(frames: Buffer): void; end(): void };

type Stream = { id: number; window: number; answered: Answered; take(payload: Buffer): void };
type Waiting = { stream: Stream; frames: Buffer };

const GREATEST_WINDOW = 0x7f_ff_ff_ff;
const FIRST_WINDOW = 65_535;
/** What was received is given back in such steps. */
const WINDOW_STEP = 2 ** 28;
const SETTING = { headerTableSize: 1, greatestStreams: 3, window: 4 } as const;
const GO_AWAY = 7;
const FRAME_HEAD = 9;

export async function openConnection({ origin, path, metadata }: ConnectionOptions): Promise<Connection> {
  const { protocol, hostname, port } = new URL(origin);
  const socket = await connected(protocol, hostname, Number(port));
  const output = outputOf(socket);
  const headers = frame(TYPE.headers, {
    flags: FLAG.endHeaders,
    payload: callHeaders(path, { ":scheme": protocol.slice(0, -1), ...metadata }),
  });
  const streams = new Map<number, Stream>();
  const waiting: Waiting[] = [];
  const server = { streams: Infinity, window: FIRST_WINDOW };
  let [nextStream, window, received, isClosed] = [1, FIRST_WINDOW, 0, false];
  const ready = Promise.withResolvers<void>();

  const send = (stream: Stream, frames: Buffer): void => {
    const payload = payloadOf(frames);
    if (waiting.length > 0 || payload > window || payload > stream.window) {
      waiting.push({ stream, frames });
      return;
    }
    window -= payload;
    stream.window -= payload;
    output.writeFrames(frames, stream.id);
  };
  const sendWaiting = (): void => {
    for (const { stream, frames } of waiting.splice(0)) if (streams.has(stream.id)) send(stream, frames);
  };
  const end = (stream: number, status: number): void => {
    const ended = streams.get(stream);
    if (!streams.delete(stream)) return;
    ended?.answered.ended(status);
  };
  const giveBack = (bytes: number): void => {
    received += bytes;
    if (received < WINDOW_STEP) return;
    output.write(windowUpdate(received));
    received = 0;
  };
  const applySettings = (settings: Buffer): void => {
    for (let place = 0; place < settings.length; place += 6) {
      const value = settings.readUInt32BE(place + 2);
      if (settings.readUInt16BE(place) === SETTING.greatestStreams) server.streams = value;
      if (settings.readUInt16BE(place) === SETTING.window) {
        for (const stream of streams.values()) stream.window += value - server.window;
        server.window = value;
      }
    }
    output.write(frame(TYPE.settings, { flags: FLAG.ack }));
    ready.resolve();
  };
  const widen = (stream: number, by: number): void => {
    if (stream === 0) window += by;
    const widened = streams.get(stream);
    if (widened !== undefined) widened.window += by;
    if (waiting.length > 0) sendWaiting();
  };

  const take = ({ type, flags, stream, payload }: Frame): void => {
    if (type === TYPE.data) {
      giveBack(payload.length);
      streams.get(stream)?.take(payload);
    } else if (type === TYPE.headers && (flags & FLAG.endStream) !== 0) end(stream, grpcStatus(payload));
    else if (type === TYPE.windowUpdate) widen(stream, payload.readUInt32BE(0));
    else if (type === TYPE.settings && (flags & FLAG.ack) === 0) applySettings(payload);
    else if (type === TYPE.ping && (flags & FLAG.ack) === 0)
      output.write(frame(TYPE.ping, { flags: FLAG.ack, payload }));
    else if (type === TYPE.reset) throw new Error(`a stream was reset, code ${payload.readUInt32BE(0)}`);
    else if (type === GO_AWAY && !isClosed) throw new Error(`the server sent GOAWAY, code ${payload.readUInt32BE(4)}`);
  };
  socket.on("data", frameReader(take));
  socket.on("close", () => {
    if (!isClosed) throw new Error("the server closed a connection");
  });
  output.write(Buffer.concat([PREFACE, ownSettings(), windowUpdate(GREATEST_WINDOW - FIRST_WINDOW)]));
  await ready.promise;

  return {
    get openStreams() {
      return streams.size;
    },
    get greatestStreams() {
      return server.streams;
    },
    open: (answered) => {
      const stream = { id: nextStream, window: server.window, answered, take: messageReader(answered.message) };
      nextStream += 2;
      streams.set(stream.id, stream);
      output.writeFrames(headers, stream.id);
      return {
        send: (frames) => send(stream, frames),
        end: () => send(stream, frame(TYPE.data, { flags: FLAG.endStream })),
      };
    },
    close: () => {
      isClosed = true;
      socket.destroy();
    },
  };
}

async function connected(protocol: string, host: string, port: number): Promise<Socket> {
  if (protocol === "https:") {
    // The certificate is the bench's own; what is measured is not whom we trust.
    const options = { host, port, ALPNProtocols: ["h2"], minVersion: "TLSv1.3", rejectUnauthorized: false } as const;
    const socket = connectTls(options);
    await once(socket, "secureConnect");
    return socket;
  }
  const socket = connectTcp({ host, port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** No dynamic table for the headers that the server sends: then a status can be read without one. */
function ownSettings(): Buffer {
  const settings = [
    [SETTING.headerTableSize, 0],
    [SETTING.window, GREATEST_WINDOW],
  ] as const;
  const payload = Buffer.alloc(settings.length * 6);
  for (const [index, [name, value]] of settings.entries()) {
    payload.writeUInt16BE(name, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  }
  return frame(TYPE.settings, { payload });
}

/** What counts against the windows: all frames but the last are full. */
function payloadOf(frames: Buffer): number {
  return frames.length - FRAME_HEAD * Math.ceil(frames.length / (FRAME_HEAD + GREATEST_FRAME));
}

function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(TYPE.windowUpdate, { payload });
}
