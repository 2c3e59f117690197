/**
 * The least that answers a unary call over HTTP/2: constant frames, whatever is asked. What a generator reaches against it is what
 * the generator can do. Prints its port on one line.
 *   node bench/generator/constant-server.ts ANSWER      a message, base64
 */
import { createServer, type Socket } from "node:net";
import { FLAG, frame, grpcMessage, PREFACE, TYPE } from "../../test/support/http2-frames.ts";
import { frameReader } from "./frame-reader.ts";
import { outputOf } from "./output.ts";

/** HPACK (RFC 7541) without a table: `:status: 200`, and `grpc-status: 0` as Node's own servers write it. */
const HEADERS = Buffer.from("88", "hex");
const TRAILERS = Buffer.from("00889acac8b21234da8f0130", "hex");
/** What was received is given back in such steps. */
const WINDOW_STEP = 16_384;

const answer = Buffer.concat([
  frame(TYPE.headers, { flags: FLAG.endHeaders, payload: HEADERS }),
  frame(TYPE.data, { payload: grpcMessage(Buffer.from(process.argv[2] ?? "", "base64")) }),
  frame(TYPE.headers, { flags: FLAG.endHeaders | FLAG.endStream, payload: TRAILERS }),
]);

const server = createServer({ noDelay: true }, (socket) => {
  const read = serve(socket);
  let preface = 0;
  socket.on("data", (chunk: Buffer) => {
    const rest = chunk.subarray(Math.min(chunk.length, PREFACE.length - preface));
    preface += chunk.length - rest.length;
    read(rest);
  });
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(address?.port);
});

function serve(socket: Socket): (chunk: Buffer) => void {
  const output = outputOf(socket);
  output.write(frame(TYPE.settings));
  let received = 0;
  return frameReader(({ type, flags, stream, payload }) => {
    if (type === TYPE.settings && (flags & FLAG.ack) === 0) output.write(frame(TYPE.settings, { flags: FLAG.ack }));
    if (type !== TYPE.data) return;
    received += payload.length;
    if (received >= WINDOW_STEP) {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(received);
      output.write(frame(TYPE.windowUpdate, { payload: size }));
      received = 0;
    }
    if ((flags & FLAG.endStream) !== 0) output.writeFrames(answer, stream);
  });
}
