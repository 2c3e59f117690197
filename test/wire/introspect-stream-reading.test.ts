/** Clients of IntrospectStream that read slowly or not at all, stay long, or leave without a word. */
import { once } from "node:events";
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type Settings,
} from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { TestClient } from "../support/client.ts";
import { decodeMessage } from "../support/contract.ts";
import { eventually } from "../support/eventually.ts";
import { callHeaders, FLAG, frame, grpcMessage, PREFACE, TYPE } from "../support/http2-frames.ts";
import type { ItemInput } from "../support/item-stream.ts";
import { API, startServer, type TestServer } from "../support/server.ts";

const PATH = "/assay.v1.TokenService/IntrospectStream";
const AT_ONCE = 50;
/** Far more than flow control and a full stream hold together. */
const MESSAGES = 400;
/** So that the stream is full, and so that it is not. */
const [ENOUGH, SOME] = [60, 18];
/** Of one message. */
const GREATEST_ITEMS = 256;
/** More than a request may take to arrive. */
const LONG_MS = 11_000;

const streamed = z.object({ items: z.array(z.object({ id: z.number().default(0) })) });

/** Short, and its answer is not. */
async function knownToken(client: TestClient): Promise<string> {
  const mint = { client_id: "web", subject: "alice", audience: [API], format: "OPAQUE" as const };
  const { access_token: token } = await client.issue({ mint });
  await client.introspect({ token });
  return token;
}

function message(token: string, number: number): ItemInput[] {
  return Array.from({ length: AT_ONCE }, (_, place) => ({ id: number * AT_ONCE + place, request: { token } }));
}

test("a client that does not read is not read from either, and is told everything once it does", async () => {
  const server = await startServer();
  const { stream, length } = await unreadStream(server, server.client());
  await standsStill(() => `${stream.readableLength} ${stream.writableLength}`);
  expect(stream.writableLength).toBeGreaterThan(length / 2);
  const answers = readAnswers(stream);
  stream.end();
  const [trailers]: IncomingHttpHeaders[] = await once(stream, "trailers");
  expect(Number(trailers?.["grpc-status"])).toBe(status.OK);
  expect(new Set(answers.ids()).size).toBe(MESSAGES * AT_ONCE);
}, 30_000);

test("of a client that does not read, one message is kept until there is room for it, and no further, however large", async () => {
  const server = await startServer();
  const stream = openStream(server, { initialWindowSize: 0 });
  const items = Array.from({ length: GREATEST_ITEMS }, (_, id) => ({ id, request: { token: "x".repeat(1_900) } }));
  const client = server.client();
  let gone = 0;
  const sendNext = (): void => {
    const more = items.map(({ id, request }) => ({ id: gone * GREATEST_ITEMS + id, request }));
    stream.write(grpcMessage(client.encode("IntrospectStream", { items: more })), (failure) => {
      if (failure) return;
      gone += 1;
      sendNext();
    });
  };
  sendNext();
  await standsStill(() => `${gone}`);
  // Five are answered, one is kept, and one more has come as far as flow control lets it.
  expect(gone).toBeLessThanOrEqual(7);
});

test("a compressed message is refused: it would be inflated before there is room for it", async () => {
  const server = await startServer();
  const stream = openStream(server, {}, { "grpc-encoding": "gzip" });
  stream.write(grpcMessage(gzipSync(Buffer.alloc(100_000)), { isCompressed: true }));
  stream.resume();
  const [trailers]: IncomingHttpHeaders[] = await once(stream, "trailers");
  expect(Number(trailers?.["grpc-status"])).toBe(status.UNIMPLEMENTED);
});

test("who leaves an answer unread for some seconds is cut, whether it still sends or not", async () => {
  const server = await startServer();
  const { stream: sending } = await unreadStream(server, server.client(), ENOUGH);
  const { stream: silent } = await unreadStream(server, server.client(), SOME);
  silent.end();
  for (const stream of [sending, silent]) {
    if (!stream.closed) await once(stream, "close");
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  }
}, 40_000);

test("who is told its end and reads nothing is cut, and its place is free again", async () => {
  const server = await startServer({ limits: { streams: 1 } });
  const client = server.client();
  const { stream: stuck } = await unreadStream(server, client);
  await eventually("its place is taken", () => isRefused(client));
  await server.reload({ limits: { streams: 1 } });
  if (!stuck.closed) await once(stuck, "close");
  expect(stuck.rstCode).toBe(constants.NGHTTP2_CANCEL);
  await eventually("its line", () => server.log().includes('"method":"IntrospectStream"') || undefined);
  expect(server.log()).toMatch(
    /"method":"IntrospectStream","caller":"[^"]+","status":"UNAVAILABLE","reason":"SHUTTING_DOWN"/,
  );
  await client.introspectStream().ask(1, { token: "x" });
}, 40_000);

test("a stream may last as long as its client likes", async () => {
  const stream = (await startServer()).client().introspectStream();
  const began = performance.now();
  for (let id = 1; performance.now() - began < LONG_MS; id++) {
    await stream.ask(id, { token: "x" });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  stream.half();
  expect(await stream.ended).toBe("OK");
}, 30_000);

test("a stream that its client resets is over, and no good end", async () => {
  const server = await startServer();
  const [host, port] = server.address.split(":");
  const socket = connect({ host: host ?? "", port: Number(port) });
  onTestFinished(() => void socket.destroy());
  const begin = [
    PREFACE,
    frame(TYPE.settings),
    frame(TYPE.headers, { flags: FLAG.endHeaders, stream: 1, payload: callHeaders(PATH) }),
    frame(TYPE.data, { stream: 1, payload: grpcMessage(Buffer.from("0a07080112030a0178", "hex")) }),
  ];
  const answered = once(socket, "data");
  socket.write(Buffer.concat(begin));
  await answered;
  const code = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);
  socket.write(frame(TYPE.reset, { stream: 1, payload: code }));
  await eventually("its line", () => server.log().includes('"method":"IntrospectStream"') || undefined);
  expect(server.log()).toMatch(/"method":"IntrospectStream","caller":"[^"]+","status":"CANCELLED"/);
});

/** Resolves when something has gone, and then nothing for a while. */
async function standsStill(look: () => string): Promise<void> {
  const first = look();
  let [last, since] = [first, performance.now()];
  await eventually("it stands still", () => {
    const now = look();
    if (now !== last) [last, since] = [now, performance.now()];
    return (now !== first && performance.now() - since > 1_000) || undefined;
  });
}

function openStream(
  server: TestServer,
  settings: Settings = {},
  headers: Readonly<Record<string, string>> = {},
): ClientHttp2Stream {
  const session = connectHttp2(`http://${server.address}`, { settings });
  onTestFinished(() => session.destroy());
  const usual = { ":method": "POST", ":path": PATH, "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...usual, ...headers });
  return stream.on("error", () => undefined);
}

/** What no gRPC client does: it leaves what has come where it is. So many bytes are to be sent. */
async function unreadStream(server: TestServer, client: TestClient, messages = MESSAGES) {
  const stream = openStream(server).pause();
  const token = await knownToken(client);
  let length = 0;
  for (let number = 0; number < messages; number++) {
    const bytes = grpcMessage(client.encode("IntrospectStream", { items: message(token, number) }));
    length += bytes.length;
    stream.write(bytes);
  }
  return { stream, length };
}

/** Begins to read. */
function readAnswers(stream: ClientHttp2Stream): { ids(): number[] } {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.resume();
  return {
    ids() {
      const bytes = Buffer.concat(chunks);
      const ids: number[] = [];
      for (let start = 0; start < bytes.length;) {
        const end = start + 5 + bytes.readUInt32BE(start + 1);
        const { items } = streamed.parse(
          decodeMessage("assay.v1.IntrospectStreamResponse", bytes.subarray(start + 5, end)),
        );
        ids.push(...items.map(({ id }) => id));
        start = end;
      }
      return ids;
    },
  };
}

async function isRefused(client: TestClient): Promise<true | undefined> {
  const stream = client.introspectStream();
  const isIn = await stream.ask(1, { token: "x" }).then(
    () => true,
    () => false,
  );
  stream.cancel();
  return isIn ? undefined : true;
}
