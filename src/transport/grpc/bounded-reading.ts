import type { ServerDuplexStream } from "@grpc/grpc-js";

/** Is not the name of any. */
const NO_ENCODING = "none";

/**
 * Bounds what is taken of a stream of messages while nobody reads them. grpc-js would take sixteen, each as large as
 * `listen.max_message_bytes`: now it is one. And it would inflate all compressed ones of a frame at once, a thousand times what came: they
 * are refused (UNIMPLEMENTED). It has no settings for either; call this before the first message comes.
 * @throws Error where this version of grpc-js or Node keeps these numbers elsewhere
 */
export function boundReading<Message, Response>(call: ServerDuplexStream<Message, Response>): void {
  const inner: unknown = Reflect.get(call, "call");
  if (typeof inner !== "object" || inner === null || typeof Reflect.get(inner, "incomingEncoding") !== "string")
    throw new Error("this version of grpc-js keeps the encoding of messages elsewhere");
  Reflect.set(inner, "incomingEncoding", NO_ENCODING);
  Reflect.set(Object(Reflect.get(call, "_readableState")), "highWaterMark", 1);
  if (call.readableHighWaterMark !== 1) throw new Error("this version of Node keeps how far a stream reads elsewhere");
}
