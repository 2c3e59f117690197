/** What hostile peers send, to a server of its own: it goes on, stays small, and serves others meanwhile. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openClient, type TestClient } from "../support/client.ts";
import { callHeaders, FLAG, frame, grpcMessage, PREFACE, TYPE } from "../support/http2-frames.ts";
import { serveByCli, type ServedByCli } from "./cli-server.ts";

const PATH = "/assay.v1.TokenService/Introspect";
const DEADLINE_MS = 10_000;
/** How long an attack may go on once it has sent everything. */
const AFTERMATH_MS = 500;

let served: ServedByCli;
let honest: TestClient;
let idleKilobytes: number;
const undo: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  served = await serveByCli({}, (end) => undo.push(end));
  honest = openClient(served.address);
  for (let call = 0; call < 2_000; call++) await ask();
  idleKilobytes = await residentKilobytes();
});
afterAll(async () => {
  honest.close();
  served.signal("SIGTERM");
  const exitCode = await served.ended;
  for (const end of undo.toReversed()) await end();
  if (exitCode !== 0) throw new Error(`the server ended with ${exitCode}: ${served.printed.stderr}`);
});

function ask(): Promise<unknown> {
  return honest.introspect({ token: "x" }, { deadline: new Date(Date.now() + DEADLINE_MS) });
}

async function residentKilobytes(): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(served.pid)]);
  return Number(stdout);
}

/** A connection that neither reads nor minds being cut off. */
async function hostileConnection({ isRead = true } = {}): Promise<Socket> {
  const [host = "", port] = served.address.split(":");
  const socket = connect({ host, port: Number(port) }).on("error", () => undefined);
  await once(socket, "connect");
  if (isRead) socket.resume();
  return socket;
}

/** Sends as much as the peer takes, until everything is sent, the peer cuts it off, or it takes no more. */
async function send(socket: Socket, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    if (socket.destroyed || socket.writableEnded) return;
    if (socket.write(chunk)) continue;
    await Promise.race([once(socket, "drain"), once(socket, "close"), delay(AFTERMATH_MS)]).catch(() => undefined);
    if (socket.writableNeedDrain) return;
  }
}

function* repeated(count: number, make: (index: number) => Buffer): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield make(index);
}

function start(): Buffer {
  return Buffer.concat([PREFACE, frame(TYPE.settings)]);
}

function headers(stream: number, more: Readonly<Record<string, string>> = {}): Buffer {
  return frame(TYPE.headers, { flags: FLAG.endHeaders, stream, payload: callHeaders(PATH, more) });
}

function data(stream: number, payload: Buffer, flags = 0): Buffer {
  return frame(TYPE.data, { stream, payload, flags });
}

const CANCEL = Buffer.from([0, 0, 0, 8]);
const REQUEST = grpcMessage(Buffer.concat([Buffer.from([0x0a, 0x64]), Buffer.alloc(100, "x")]));
const BOMB = gzipSync(Buffer.alloc(64 * 1_048_576));

type Attack = { connections: number; isRead?: boolean; chunks(): Iterable<Buffer> };

const ATTACKS: Readonly<Record<string, Attack>> = {
  "rapid reset": {
    connections: 4,
    chunks: () =>
      repeated(20_000, (index) =>
        Buffer.concat([headers(2 * index + 1), frame(TYPE.reset, { stream: 2 * index + 1, payload: CANCEL })]),
      ),
  },
  "a CONTINUATION flood": {
    connections: 4,
    *chunks() {
      yield frame(TYPE.headers, { stream: 1, payload: callHeaders(PATH) });
      yield* repeated(5_000, () =>
        frame(TYPE.continuation, { stream: 1, payload: callHeaders(PATH, { "x-more": "x".repeat(8_000) }) }),
      );
    },
  },
  "a header list beyond all bounds": {
    connections: 4,
    chunks: () => repeated(200, (index) => headers(2 * index + 1, Object.fromEntries(manyHeaders()))),
  },
  "a PING flood whose answers nobody reads": {
    connections: 4,
    isRead: false,
    chunks: () =>
      repeated(2_000, () =>
        Buffer.concat(Array.from({ length: 100 }, () => frame(TYPE.ping, { payload: Buffer.alloc(8) }))),
      ),
  },
  "a SETTINGS flood whose answers nobody reads": {
    connections: 4,
    isRead: false,
    chunks: () => repeated(2_000, () => Buffer.concat(Array.from({ length: 100 }, () => frame(TYPE.settings)))),
  },
  "bodies in DATA frames of one byte": {
    connections: 4,
    *chunks() {
      yield* repeated(100, (index) => headers(2 * index + 1));
      yield* repeated(100 * REQUEST.length, (index) => {
        const at = Math.floor(index / 100);
        const flags = at === REQUEST.length - 1 ? FLAG.endStream : 0;
        return data(2 * (index % 100) + 1, REQUEST.subarray(at, at + 1), flags);
      });
    },
  },
  "DATA frames of no byte at all": {
    connections: 4,
    *chunks() {
      yield headers(1);
      yield* repeated(50_000, () => data(1, Buffer.alloc(0)));
    },
  },
  "messages that are no gzip, and gzip that is a bomb": {
    connections: 2,
    *chunks() {
      yield* repeated(100, (index) => {
        const stream = 2 * index + 1;
        const bytes = index % 10 === 0 ? BOMB : Buffer.from("not gzip at all");
        const body = grpcMessage(bytes, { isCompressed: true });
        return Buffer.concat([headers(stream, { "grpc-encoding": "gzip" }), ...framesOf(stream, body)]);
      });
    },
  },
  "lengths that lie": {
    connections: 8,
    *chunks() {
      yield* repeated(50, (index) => {
        const stream = 2 * index + 1;
        const body = grpcMessage(Buffer.from([0x0a]), { length: index % 2 === 0 ? 0xffff_ffff : 262_144 });
        return Buffer.concat([headers(stream), data(stream, body, index % 3 === 0 ? FLAG.endStream : 0)]);
      });
      yield frame(TYPE.data, { stream: 1, payload: Buffer.alloc(16), length: 0xff_ffff });
    },
  },
  "connections that say nothing": { connections: 300, chunks: () => [] },
  "bodies that never end": {
    connections: 8,
    *chunks() {
      yield* repeated(100, (index) => {
        const stream = 2 * index + 1;
        return Buffer.concat([headers(stream), data(stream, grpcMessage(Buffer.alloc(64), { length: 200_000 }))]);
      });
    },
  },
};

function manyHeaders(): [string, string][] {
  return Array.from({ length: 150 }, (_, index) => [`x-${index}`, "x".repeat(80)]);
}

/** No frame is larger than what every peer takes. */
function framesOf(stream: number, body: Buffer): Buffer[] {
  const count = Math.ceil(body.length / 16_384);
  return Array.from({ length: count }, (_, index) =>
    data(stream, body.subarray(index * 16_384, (index + 1) * 16_384), index === count - 1 ? FLAG.endStream : 0),
  );
}

test.each(Object.entries(ATTACKS))("%s", { timeout: 60_000 }, async (_name, attack) => {
  const { connections, isRead = true } = attack;
  const sockets = await Promise.all(Array.from({ length: connections }, () => hostileConnection({ isRead })));
  let greatest = 0;
  let answers = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      await ask();
      answers += 1;
      if (answers % 10 === 1) greatest = Math.max(greatest, await residentKilobytes());
    }
  })();
  await Promise.all(
    sockets.map(async (socket) => {
      if (connections < 300) await send(socket, [start()]);
      await send(socket, attack.chunks());
    }),
  );
  await delay(AFTERMATH_MS);
  over.abort();
  await watching;
  for (const socket of sockets) socket.destroy();
  expect(answers).toBeGreaterThan(0);
  expect(greatest).toBeLessThan(2 * idleKilobytes);
});
