/**
 * The least that answers over HTTP/1.1: one constant answer for each chunk that comes, since our generator sends a request in one
 * piece. What the generator reaches against it is what the generator can do. Prints its port on one line.
 *   node bench/peers/constant-http1-process.ts BODY
 */
import { createServer } from "node:net";

const body = process.argv[2] ?? "";
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("data", () => socket.write(answer));
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(address?.port);
});
