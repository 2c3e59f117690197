import { type ClientDuplexStream, type Metadata, type StatusObject, status } from "@grpc/grpc-js";
import type { Channel } from "./channel.ts";
import { asClientError, AssayClientError, ofEnd } from "./client-error.ts";
import { type IntrospectStreamResponse, TokenServiceService } from "./gen/assay/v1/token_service.ts";
import type { OpenStream, StreamListener } from "./item-stream.ts";

const { path, responseDeserialize } = TokenServiceService.introspectStream;

/** Opens `IntrospectStream`. What is written before the caller's credentials are at hand is kept: one message, for then it is full. */
export function openItemStream({ client, metadata }: Channel, listener: StreamListener): OpenStream {
  let stream: ClientDuplexStream<Buffer, IntrospectStreamResponse> | undefined;
  let kept: Buffer | undefined;
  let isCancelled = false;

  function begin(own: Metadata): void {
    if (isCancelled) return;
    stream = client.makeBidiStreamRequest(path, (bytes: Buffer) => bytes, responseDeserialize, own);
    stream
      .on("data", (message: IntrospectStreamResponse) => listener.answers(message))
      .on("drain", () => listener.drained())
      // It says no more than the status, which follows.
      .on("error", () => undefined)
      // What came before is told first.
      .on("status", (end: StatusObject) => setImmediate(() => listener.ended(errorOf(end))));
    if (kept === undefined || stream.write(kept)) listener.drained();
    kept = undefined;
  }

  metadata()
    .then(begin)
    .catch((error: unknown) => listener.ended(asClientError(error)));
  return {
    write(message) {
      if (stream !== undefined) return stream.write(message);
      kept = message;
      return false;
    },
    cancel() {
      isCancelled = true;
      stream?.cancel();
    },
  };
}

/** No stream ends well before the client ends it. */
function errorOf({ code, details, metadata }: StatusObject): AssayClientError {
  if (code !== status.OK) return ofEnd(code, details, metadata);
  return new AssayClientError({ code: "UNAVAILABLE", message: "the service ended the stream" });
}
