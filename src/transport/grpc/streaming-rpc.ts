/** What every call goes through whose answer is a stream: the same as the others, but that it goes on. */
import { Metadata, type ServerWritableStream } from "@grpc/grpc-js";
import { type Call as CoreCall, callGone } from "../../core/call.ts";
import { type Caller, type Permission, requirePermission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { type Decoded, requireMessage } from "./decoded.ts";
import { type Http2Stream, http2StreamOf } from "./http2-stream.ts";
import { REQUEST_ID, requestIdOf } from "./request-id.ts";
import type { RpcContext } from "./rpc.ts";
import { type CallEnd, failed, goneStatus, logEnd, rpcFacts } from "./rpc-end.ts";

/** Resolves when the client has room for the next. @throws AssayError `call_gone` when the stream is over */
export type Send<Response> = (response: Response) => Promise<void>;

export type StreamingRpc<Message, Response, Role extends Environment> = {
  /** As in the contract: `WatchRevocations`. */
  method: string;
  permission: Permission;
  /** Goes on for as long as there is something to send. `environment.call` tells when the stream is over. */
  answer(environment: Role, caller: Caller, message: Message, send: Send<Response>): Promise<void>;
};

type Call<Message, Response> = ServerWritableStream<Decoded<Message>, Response>;

/** How long a client may take to read the end of its stream. */
const FAREWELL_MS = 5_000;

/** The handler of a streaming RPC: as `handler`, with its place among the open streams and not among the calls. */
export function streamingHandler<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: StreamingRpc<Message, Response, Role>,
) {
  return (call: Call<Message, Response>): void => {
    void handle(context, rpc, call);
  };
}

async function handle<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: StreamingRpc<Message, Response, Role>,
  call: Call<Message, Response>,
): Promise<void> {
  const started = performance.now();
  const requestId = requestIdOf(call.metadata);
  const stream = http2StreamOf(call);
  const over = new AbortController();
  void stream.closed.then(() => over.abort());
  const end = await context
    .observe(rpcFacts(rpc.method, call), () => work(context, rpc, call, stream, over.signal))
    .catch((cause: unknown) => failed(cause));
  over.abort();
  sayEnd(call, end, requestId);
  letGo(stream);
  logEnd(context.log, rpc.method, end, { requestId, started });
}

async function work<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: StreamingRpc<Message, Response, Role>,
  call: Call<Message, Response>,
  stream: Http2Stream,
  over: AbortSignal,
): Promise<CallEnd> {
  const served = context.current();
  const { environment, authenticate, admit, callsInFlight, streams } = served;
  let caller: Caller | undefined;
  try {
    const who = await context.calls.follow(callsInFlight, () => authenticate(call));
    caller = who;
    admit(who);
    requirePermission(who, rpc.permission);
    const message = requireMessage(rpc.method, call.request);
    // All others were ended meanwhile: this one begins again, too.
    if (context.current() !== served) return { status: "OK", caller: who.name };
    const here = { ...environment, call: callUntil(over) };
    await context.streams.follow(stream, who.name, streams, () => {
      welcome(call);
      return rpc.answer(here, who, message, sender(call, over));
    });
    return { status: call.cancelled ? goneStatus(call) : "OK", caller: who.name };
  } catch (cause) {
    if (over.aborted && cause instanceof AssayError) return { status: goneStatus(call), caller: caller?.name };
    return failed(cause, caller);
  }
}

/** Says that the caller is let in, before there is anything to send. */
function welcome(call: Call<unknown, unknown>): void {
  call.sendMetadata(new Metadata());
}

/** As the core sees it: gone when the client has left, or when the stream is ended here. */
function callUntil(over: AbortSignal): CoreCall {
  return {
    isGone: () => over.aborted,
    onGone(leave) {
      over.addEventListener("abort", leave, { once: true });
      return () => over.removeEventListener("abort", leave);
    },
  };
}

/** One message at a time: the next is made when HTTP/2's flow control has let this one through. */
function sender<Response>(call: Call<unknown, Response>, over: AbortSignal): Send<Response> {
  return (response) =>
    new Promise((resolve, reject) => {
      const leave = (): void => reject(callGone());
      if (over.aborted) return leave();
      over.addEventListener("abort", leave, { once: true });
      call.write(response, () => {
        over.removeEventListener("abort", leave);
        resolve();
      });
    });
}

function sayEnd<Response>(call: Call<unknown, Response>, { failure }: CallEnd, requestId: string): void {
  if (call.cancelled) return;
  const metadata = failure?.status.metadata ?? new Metadata();
  metadata.set(REQUEST_ID, requestId);
  if (failure === undefined) call.end(metadata);
  // grpc-js sends an error that is emitted as the status, after what has been written.
  else call.emit("error", { code: failure.status.code, details: failure.status.details, metadata });
}

function letGo(stream: Http2Stream): void {
  const cutting = setTimeout(() => stream.reset(), FAREWELL_MS).unref();
  void stream.closed.then(() => clearTimeout(cutting));
}
