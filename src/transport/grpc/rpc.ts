/** What every call goes through, whatever the RPC. */
import { Metadata, type sendUnaryData, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { after, type AtOnce } from "../../core/at-once.ts";
import { type Caller, type Permission, requirePermission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Admit } from "./call-limits.ts";
import { type CallFacts, callFacts } from "./call-facts.ts";
import type { CallLog } from "./call-log.ts";
import type { CallsInFlight } from "./calls-in-flight.ts";
import { type Decoded, letGo, requireMessage } from "./decoded.ts";
import type { CountIntrospections } from "./introspect-item.ts";
import { REQUEST_ID } from "./request-id.ts";
import {
  type CallEnd,
  failed,
  goneStatus,
  logEnd,
  requestIdFor,
  rpcFacts,
  type RpcFacts,
  type RpcEnd,
} from "./rpc-end.ts";
import type { StreamLimits, StreamsInFlight } from "./streams-in-flight.ts";
import { watchedCall } from "./watched-call.ts";

export type Answer<Response> = {
  response: Response;
  /** What was decided, for telemetry. */
  outcome?: string;
  /** The same of many questions, and the cause where one failed by a fault of ours. */
  outcomes?: ReadonlyMap<string, number>;
  fault?: unknown;
};

export type Rpc<Message, Response, Role extends Environment> = {
  /** As in the contract: `Introspect`. */
  method: string;
  /** Absent: every recognised caller may call. */
  permission?: Permission;
  /** As how many calls the message counts, where it is not one. */
  weight?(message: Message): number;
  /** `bytes` are those the message came in. */
  answer(
    environment: Role,
    caller: Caller,
    message: Message,
    bytes: Buffer,
    facts: () => CallFacts,
  ): AtOnce<Answer<Response>>;
};

/** Runs the work of a call under a span. */
export type ObserveRpc = <End extends RpcEnd>(call: RpcFacts, work: () => AtOnce<End>) => AtOnce<End>;

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
  countIntrospections: CountIntrospections;
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
    const started = performance.now();
    const finish = (end: End<Response>): void => {
      const requestId = requestIdFor(context.log, end, call.metadata);
      // Most answers need no trailers.
      if (end.answer !== undefined && requestId === undefined) respond(null, end.answer.response);
      else {
        const { code = status.CANCELLED, details = "", metadata = new Metadata() } = end.failure?.status ?? {};
        if (requestId !== undefined) metadata.set(REQUEST_ID, requestId);
        if (end.answer === undefined) respond({ code, details, metadata });
        else respond(null, end.answer.response, metadata);
      }
      letGo(call.request);
      logEnd(context.log, rpc.method, end, { requestId, started });
    };
    const end = context.observe(rpcFacts(rpc.method, call), () => work(context, rpc, call));
    if (end instanceof Promise) void end.catch((cause: unknown): End<Response> => failed(cause)).then(finish);
    else finish(end);
  };
}

/** What can be answered at once is, in the same turn of the event loop and without a promise. Never throws, nor rejects. */
function work<Message, Response, Role extends Environment>(
  context: RpcContext<Role>,
  rpc: Rpc<Message, Response, Role>,
  call: Call<Message, Response>,
): AtOnce<End<Response>> {
  const { environment, authenticate, admit, callsInFlight } = context.current();
  let caller: Caller | undefined;

  const answered = (who: Caller): AtOnce<End<Response>> => {
    caller = who;
    admit(who, weightOf(rpc, call.request));
    if (rpc.permission !== undefined) requirePermission(who, rpc.permission);
    const message = requireMessage(rpc.method, call.request);
    if (call.cancelled) return { status: goneStatus(call), caller: who.name };
    const here = { ...environment, call: watchedCall(call) };
    const answer = rpc.answer(here, who, message, call.request.bytes, () => callFacts(call));
    return after(answer, ended);
  };
  const ended = (answer: Answer<Response>): End<Response> =>
    call.cancelled
      ? { status: goneStatus(call), caller: caller?.name, answer }
      : {
          status: "OK",
          outcome: answer.outcome,
          outcomes: answer.outcomes,
          fault: answer.fault,
          caller: caller?.name,
          answer,
        };
  // What a call that is gone would have been refused for is nobody's concern; a fault of ours is.
  const refused = (cause: unknown): End<Response> =>
    call.cancelled && cause instanceof AssayError
      ? { status: goneStatus(call), caller: caller?.name }
      : failed(cause, caller);

  try {
    const end = context.calls.follow(callsInFlight, () => after(authenticate(call), answered));
    return end instanceof Promise ? end.catch(refused) : end;
  } catch (cause) {
    return refused(cause);
  }
}

function weightOf<Message>(
  { weight }: Pick<Rpc<Message, never, never>, "weight">,
  { message }: Decoded<Message>,
): number {
  return weight === undefined || message === undefined ? 1 : Math.max(1, weight(message));
}
