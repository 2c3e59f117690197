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
import type { Decoded } from "./decoded.ts";
import { REQUEST_ID, requestIdOf } from "./request-id.ts";
import { type RpcStatus, type StatusName, statusOf } from "./status.ts";
import { watchedCall } from "./watched-call.ts";

export type Answer<Response> = {
  response: Response;
  /** What was decided, for telemetry. */
  outcome?: string;
};

export type Rpc<Message, Response> = {
  /** As in the contract: `Introspect`. */
  method: string;
  /** Absent: every recognised caller may call. */
  permission?: Permission;
  /** `bytes` are those the message came in. */
  answer(
    environment: Environment,
    caller: Caller,
    message: Message,
    bytes: Buffer,
    facts: CallFacts,
  ): Promise<Answer<Response>>;
};

/** How a call ended, as telemetry may know it. */
export type RpcEnd = {
  status: StatusName;
  reason?: string | undefined;
  outcome?: string | undefined;
  caller?: string | undefined;
};

/** Runs the work of a call under a span. `header` reads the metadata that carries a trace's context. */
export type ObserveRpc = <End extends RpcEnd>(
  call: { method: string; header(name: string): string | undefined },
  work: () => Promise<End>,
) => Promise<End>;

/** What may change while calls are answered: a call keeps what it began with. */
export type CallContext = {
  environment: Environment;
  authenticate: Authenticate;
  admit: Admit;
  /** The greatest number of calls worked on at once. */
  callsInFlight: number;
};

export type RpcContext = {
  /** Asked once for each call. */
  current(): CallContext;
  calls: CallsInFlight;
  observe: ObserveRpc;
  log: CallLog;
};

type End<Response> = RpcEnd & { answer?: Answer<Response>; failure?: { status: RpcStatus; cause: unknown } };
type Call<Message, Response> = ServerUnaryCall<Decoded<Message>, Response>;

/** A client ends a call by its own clock, which began a little before ours: that near its deadline it has not changed its mind. */
const SAME_MOMENT_MS = 50;

/** The handler of an RPC: recognises the caller, checks the permission, decodes, answers, maps errors, and logs one line. */
export function handler<Message, Response>(context: RpcContext, rpc: Rpc<Message, Response>) {
  return (call: Call<Message, Response>, respond: sendUnaryData<Response>): void => {
    void handle(context, rpc, call, respond);
  };
}

async function handle<Message, Response>(
  context: RpcContext,
  rpc: Rpc<Message, Response>,
  call: Call<Message, Response>,
  respond: sendUnaryData<Response>,
): Promise<void> {
  const started = performance.now();
  const requestId = requestIdOf(call.metadata);
  const facts = { method: rpc.method, header: (name: string) => header(call.metadata, name) };
  const end = await context.observe(facts, () => work(context, rpc, call)).catch((cause: unknown) => failed(cause));

  const { code = status.CANCELLED, details = "", metadata = new Metadata() } = end.failure?.status ?? {};
  metadata.set(REQUEST_ID, requestId);
  if (end.answer === undefined) respond({ code, details, metadata });
  else respond(null, end.answer.response, metadata);
  logEnd(context.log, rpc.method, end, { requestId, milliseconds: performance.now() - started });
}

async function work<Message, Response>(
  context: RpcContext,
  rpc: Rpc<Message, Response>,
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
      const { message, bytes, isOutOfRange } = call.request;
      if (message === undefined) throw isOutOfRange === true ? outOfRange() : undecodable(rpc.method);
      if (call.cancelled) return { status: goneStatus(call), caller: who.name };
      const here = { ...environment, call: watchedCall(call) };
      const answer = await rpc.answer(here, who, message, bytes, callFacts(call));
      if (call.cancelled) return { status: goneStatus(call), caller: who.name, answer };
      return { status: "OK", outcome: answer.outcome, caller: who.name, answer };
    });
  } catch (cause) {
    // What a call that is gone would have been refused for is nobody's concern; a fault of ours is.
    if (call.cancelled && cause instanceof AssayError) return { status: goneStatus(call), caller: caller?.name };
    return failed(cause, caller);
  }
}

function failed(cause: unknown, caller?: Caller): End<never> {
  const failure = { status: statusOf(cause), cause };
  return { status: failure.status.name, reason: failure.status.reason, caller: caller?.name, failure };
}

/** The client has its status already: it left, or grpc-js answered for us when the deadline passed. */
function goneStatus(call: ServerUnaryCall<unknown, unknown>): StatusName {
  return Number(call.getDeadline()) <= Date.now() + SAME_MOMENT_MS ? "DEADLINE_EXCEEDED" : "CANCELLED";
}

function undecodable(method: string): AssayError {
  const description = `cannot be decoded: it is not a message of the type that ${method} takes`;
  return new AssayError("invalid_request", `the request ${description}`, {
    fields: [{ field: "request", description }],
  });
}

function outOfRange(): AssayError {
  const description = "a number is out of range: times and durations are whole seconds below 2^53";
  return new AssayError("invalid_request", description, { fields: [{ field: "request", description }] });
}

function header(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

function logEnd(
  log: CallLog,
  method: string,
  end: End<unknown>,
  about: { requestId: string; milliseconds: number },
): void {
  const fields = {
    method,
    caller: end.caller,
    status: end.status,
    reason: end.reason,
    outcome: end.outcome,
    ms: Math.round(about.milliseconds * 1_000) / 1_000,
    request_id: about.requestId,
  };
  const cause = end.failure?.cause;
  if (end.status === "INTERNAL") log.error({ ...fields, err: cause }, "call failed");
  else if (end.status === "UNAVAILABLE" || end.reason === "STORE_FULL")
    log.warn({ ...fields, err: cause }, "call failed");
  else log.info(fields, "call");
}
