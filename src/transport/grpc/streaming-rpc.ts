/** A call whose answer is a stream. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import { callGone } from "../../core/call.ts";
import type { Caller, Permission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { type Decoded, requireMessage } from "./decoded.ts";
import type { RpcContext } from "./rpc.ts";
import { streamHandler } from "./stream-call.ts";

/** Resolves when the client has room for the next. @throws AssayError `call_gone` when the stream is over */
export type Send<Response> = (response: Response) => Promise<void>;

export type StreamingRpc<Message, Response, Role extends Environment> = {
  /** As in the contract: `WatchRevocations`. */
  method: string;
  permission: Permission;
  /** Goes on for as long as there is something to send. `environment.call` tells when the stream is over. */
  answer(environment: Role, caller: Caller, message: Message, send: Send<Response>): Promise<void>;
};

/** How often it is judged whether the caller is still who it was. */
const RECOGNISE_MS = 1_000;

type Call<Message, Response> = ServerWritableStream<Decoded<Message>, Response>;

/** The handler of a streaming RPC. When it is told to end it is left, and ends OK. */
export function streamingHandler<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: StreamingRpc<Message, Response, Role>,
) {
  return streamHandler<Call<Message, Response>, Role>(context, {
    method: rpc.method,
    permission: rpc.permission,
    open({ call, caller, environment, recogniseAgain, over }) {
      const message = requireMessage(rpc.method, call.request);
      return {
        async begin() {
          const answered = rpc.answer(environment(), caller, message, sender(call, over));
          await (recogniseAgain === undefined
            ? answered
            : Promise.race([answered, unrecognised(recogniseAgain, over)]));
        },
      };
    },
  });
}

/** Rejects when the caller is no longer known. What cannot be judged now is judged a second later. */
function unrecognised(recogniseAgain: () => Promise<void>, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const judge = async (): Promise<void> => {
      try {
        await recogniseAgain();
      } catch (cause) {
        if (cause instanceof AssayError && cause.code === "caller_unknown") reject(cause);
      }
    };
    const judging = setInterval(() => void judge(), RECOGNISE_MS).unref();
    over.addEventListener("abort", () => clearInterval(judging), { once: true });
  });
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
