/** What every call goes through, whatever the RPC. */
import { Metadata, type sendUnaryData, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { type Caller, type Permission, requirePermission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Admit } from "./call-limits.ts";
import { type CallFacts, callFacts } from "./call-facts.ts";
import type { CallLog } from "./call-log.ts";
import type { CallsInFlight } from "./calls-in-flight.ts";
import { type Decoded, requireMessage } from "./decoded.ts";
import { REQUEST_ID, requestIdOf } from "./request-id.ts";
import { type CallEnd, failed, goneStatus, logEnd, rpcFacts, type RpcFacts, type RpcEnd } from "./rpc-end.ts";
import type { StreamLimits, StreamsInFlight } from "./streams-in-flight.ts";
import { watchedCall } from "./watched-call.ts";

export type Answer<Response> = {
  response: Response;
  /** What was decided, for telemetry. */
  outcome?: string;
};

export type Rpc<Message, Response, Role extends Environment> = {
  /** As in the contract: `Introspect`. */
  method: string;
  /** Absent: every recognised caller may call. */
  permission?: Permission;
  /** `bytes` are those the message came in. */
  answer(
    environment: Role,
    caller: Caller,
    message: Message,
    bytes: Buffer,
    facts: CallFacts,
  ): Promise<Answer<Response>>;
};

/** Runs the work of a call under a span. */
export type ObserveRpc = <End extends RpcEnd>(call: RpcFacts, work: () => Promise<End>) => Promise<End>;

/** What may change while calls are answered: a call keeps what it began with. */
export type CallContext<Role extends Environment> = {
  environment: Role;
  authenticate: Authenticate;
  admit: Admit;
  /** The greatest number of calls worked on at once. */
  callsInFlight: number;
  streams: StreamLimits;
};

export type RpcContext<Role extends Environment> = {
  /** Asked once for each call. */
  current(): CallContext<Role>;
  calls: CallsInFlight;
  streams: StreamsInFlight;
  observe: ObserveRpc;
  log: CallLog;
};

type End<Response> = CallEnd & { answer?: Answer<Response> };
type Call<Message, Response> = ServerUnaryCall<Decoded<Message>, Response>;

/** The handler of an RPC: recognises the caller, checks the permission, decodes, answers, maps errors, and logs one line. */
export function handler<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: Rpc<Message, Response, Role>,
) {
  return (call: Call<Message, Response>, respond: sendUnaryData<Response>): void => {
    void handle(context, rpc, call, respond);
  };
}

async function handle<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: Rpc<Message, Response, Role>,
  call: Call<Message, Response>,
  respond: sendUnaryData<Response>,
): Promise<void> {
  const started = performance.now();
  const requestId = requestIdOf(call.metadata);
  const end = await context
    .observe(rpcFacts(rpc.method, call), () => work(context, rpc, call))
    .catch((cause: unknown): End<Response> => failed(cause));

  const { code = status.CANCELLED, details = "", metadata = new Metadata() } = end.failure?.status ?? {};
  metadata.set(REQUEST_ID, requestId);
  if (end.answer === undefined) respond({ code, details, metadata });
  else respond(null, end.answer.response, metadata);
  logEnd(context.log, rpc.method, end, { requestId, started });
}

async function work<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: Rpc<Message, Response, Role>,
  call: Call<Message, Response>,
): Promise<End<Response>> {
  const { environment, authenticate, admit, callsInFlight } = context.current();
  let caller: Caller | undefined;
  try {
    return await context.calls.follow(callsInFlight, async () => {
      const who = await authenticate(call);
      caller = who;
      admit(who);
      if (rpc.permission !== undefined) requirePermission(who, rpc.permission);
      const message = requireMessage(rpc.method, call.request);
      if (call.cancelled) return { status: goneStatus(call), caller: who.name };
      const here = { ...environment, call: watchedCall(call) };
      const answer = await rpc.answer(here, who, message, call.request.bytes, callFacts(call));
      if (call.cancelled) return { status: goneStatus(call), caller: who.name, answer };
      return { status: "OK", outcome: answer.outcome, caller: who.name, answer };
    });
  } catch (cause) {
    // What a call that is gone would have been refused for is nobody's concern; a fault of ours is.
    if (call.cancelled && cause instanceof AssayError) return { status: goneStatus(call), caller: caller?.name };
    return failed(cause, caller);
  }
}
