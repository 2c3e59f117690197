import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Session } from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { atFirstStream } from "../../src/transport/grpc/first-streams.ts";
import { letGoOfStreams } from "../../src/transport/grpc/stream-tables.ts";

const AT_ONCE = 50;

test("this version of Node keeps the streams of a connection where another table can be given to it, and answers all", async () => {
  onTestFinished(atFirstStream(letGoOfStreams));
  const sessions: ServerHttp2Session[] = [];
  const server = createServer().on("session", (session) => sessions.push(session));
  server.on("stream", (stream) => stream.end(`stream ${stream.id}`));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const client = connect(`http://127.0.0.1:${portOf(server.address())}`);
  onTestFinished(() => client.close());
  for (let round = 0; round < 4; round++) {
    const texts = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(client)));
    expect(new Set(texts).size).toBe(AT_ONCE);
  }
  expect(sessions.map(streamsOf)).toEqual([expect.not.objectContaining({ clear: expect.any(Function) })]);
});

async function ask(client: ClientHttp2Session): Promise<string> {
  let text = "";
  for await (const piece of client.request().setEncoding("utf8")) text += String(piece);
  return text;
}

/** Node's own is a kind of Map, and could be cleared. */
function streamsOf(session: ServerHttp2Session): unknown {
  const fields = Object.getOwnPropertySymbols(session).map((key): unknown => Reflect.get(session, key));
  return fields.map((field): unknown => Reflect.get(Object(field), "streams")).find((streams) => streams !== undefined);
}

function portOf(address: unknown): number {
  return Number(Reflect.get(Object(address), "port"));
}
