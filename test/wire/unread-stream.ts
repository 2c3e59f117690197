import { type ClientHttp2Stream, connect } from "node:http2";
import { onTestFinished } from "vitest";
import type { Method } from "../support/contract.ts";
import type { TestServer } from "../support/server.ts";

/** What no gRPC client does: it leaves what has come where it is. */
export function unreadStream(
  server: TestServer,
  method: Extract<Method, "WatchRevocations" | "WatchSignals">,
  request: object,
): ClientHttp2Stream {
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const headers = {
    ":method": "POST",
    ":path": `/assay.v1.TokenService/${method}`,
    "content-type": "application/grpc",
    te: "trailers",
  };
  const message = server.client().encode(method, request);
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.length, 1);
  const stream = session.request(headers).pause();
  stream.on("error", () => undefined);
  stream.end(Buffer.concat([length, message]));
  return stream;
}
