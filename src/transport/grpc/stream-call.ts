/** What every call goes through that goes on: the same as the others, with its place among the open streams and not among the calls. */
import { randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import { Metadata, type ServerUnaryCall } from "@grpc/grpc-js";
import type { Call as CoreCall } from "../../core/call.ts";
import { type Caller, type Permission, requirePermission } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import { AssayError } from "../../core/error.ts";
import { type Http2Stream, http2StreamOf } from "./http2-stream.ts";
import { givenRequestId, REQUEST_ID } from "./request-id.ts";
import type { CallContext, RpcContext } from "./rpc.ts";
import { type CallEnd, failed, goneStatus, logEnd, rpcFacts } from "./rpc-end.ts";
import type { StreamWork } from "./streams-in-flight.ts";

/** What streams have alike, whichever sides stream. */
type StreamCall = EventEmitter &
  Pick<
    ServerUnaryCall<unknown, unknown>,
    "cancelled" | "metadata" | "getPeer" | "getPath" | "getDeadline" | "getAuthContext" | "sendMetadata"
  > & { end(metadata?: Metadata): void };

export type StreamKind<Call, Role extends Environment> = {
  /** As in the contract: `WatchRevocations`. */
  method: string;
  permission: Permission;
  /** Checks what is asked for. Only then the caller is let in, and the work begins. @throws AssayError */
  open(opened: OpenedStream<Call, Role>): StreamWork;
};

export type OpenedStream<Call, Role extends Environment> = {
  call: Call;
  caller: Caller;
  requestId: string;
  /** What it began with. */
  served: Omit<CallContext<Role>, "environment">;
  /** To judge by, from now until what is asked next: its terms may change. `call` tells when the stream is over. */
  environment: () => Role;
  /**
   * Judges again by what the caller has shown, as a call would. Absent: that is good for as long as the configuration, with which
   * streams end. @throws AssayError as when a call begins
   */
  recogniseAgain?: () => Promise<void>;
  over: AbortSignal;
  /** For the stream to count its items, where it has any. */
  outcomes: Map<string, number>;
};

type Opening<Call> = Pick<OpenedStream<Call, Environment>, "call" | "requestId" | "over" | "outcomes"> & {
  stream: Http2Stream;
};

/** How long a client may take to read the end of its stream. */
const FAREWELL_MS = 5_000;
/** Node's. */
const GREATEST_TIMEOUT_MS = 2_147_483_647;

/** The handler of such calls. */
export function streamHandler<Call extends StreamCall, Role extends Environment>(
  context: RpcContext<Role>,
  kind: StreamKind<Call, Role>,
) {
  return (call: Call): void => {
    void handle(context, kind, call);
  };
}

async function handle<Call extends StreamCall, Role extends Environment>(
  context: RpcContext<Role>,
  kind: StreamKind<Call, Role>,
  call: Call,
): Promise<void> {
  const started = performance.now();
  const requestId = givenRequestId(call.metadata) ?? randomUUID();
  const stream = http2StreamOf(call);
  const over = new AbortController();
  const leave = (): void => over.abort();
  void stream.closed.then(leave);
  // Its deadline has passed, and the client has not closed its side.
  call.once("cancelled", leave);
  // Or the client does not read that, and grpc-js waits for it.
  const deadline = Number(call.getDeadline());
  if (Number.isFinite(deadline)) letGo(stream, deadline - Date.now());
  const opening = { call, stream, requestId, over: over.signal, outcomes: new Map<string, number>() };
  const end = await observed(context, kind, opening);
  over.abort();
  sayEnd(call, end, requestId);
  letGo(stream);
  logEnd(context.log, kind.method, end, { requestId, started });
}

async function observed<Call extends StreamCall, Role extends Environment>(
  context: RpcContext<Role>,
  kind: StreamKind<Call, Role>,
  opening: Opening<Call>,
): Promise<CallEnd> {
  try {
    return await context.observe(rpcFacts(kind.method, opening.call), () => work(context, kind, opening));
  } catch (cause) {
    return failed(cause);
  }
}

async function work<Call extends StreamCall, Role extends Environment>(
  context: RpcContext<Role>,
  kind: StreamKind<Call, Role>,
  { stream, ...opening }: Opening<Call>,
): Promise<CallEnd> {
  const served = context.current();
  const { call, over, outcomes } = opening;
  let caller: Caller | undefined;
  try {
    const found = context.calls.follow(served.callsInFlight, () => served.authenticate(call));
    const who = await found;
    caller = who;
    served.admit(who);
    requirePermission(who, kind.permission);
    const ourCall = callUntil(over);
    const streamWork = kind.open({
      ...opening,
      caller: who,
      served,
      environment: () => ({ ...served.environment, call: ourCall }),
      // Only a token is not recognised at once, and only a token expires or is revoked.
      ...(found instanceof Promise ? { recogniseAgain: async () => void (await served.authenticate(call)) } : {}),
    });
    // All others were ended meanwhile: this one begins again, too.
    if (context.current() !== served) {
      if (streamWork.end === undefined) return { status: "OK", caller: who.name };
      streamWork.end();
    }
    const welcomed = (): Promise<void> => {
      welcome(call);
      return streamWork.begin();
    };
    const place = { stream, caller: who.name, limits: served.streams };
    await context.streams.follow(place, { ...streamWork, begin: welcomed });
    const isGone = call.cancelled || stream.isClosed();
    return { status: isGone ? goneStatus(call) : "OK", caller: who.name, outcomes };
  } catch (cause) {
    if (over.aborted && cause instanceof AssayError)
      return { status: goneStatus(call), caller: caller?.name, outcomes };
    return { ...failed(cause, caller), outcomes };
  }
}

/** Says that the caller is let in, before there is anything to send. */
function welcome(call: StreamCall): void {
  call.sendMetadata(new Metadata());
}

/** As the core sees it: gone when the client has left, or when the stream is ended here. */
function callUntil(over: AbortSignal): CoreCall {
  // Many items may wait at once: a signal would look for each among its listeners.
  const leaving = new Set<() => void>();
  const leaveAll = (): void => {
    for (const leave of leaving) leave();
  };
  over.addEventListener("abort", leaveAll, { once: true });
  return {
    isGone: () => over.aborted,
    onGone(leave) {
      leaving.add(leave);
      return () => void leaving.delete(leave);
    },
  };
}

function sayEnd(call: StreamCall, { failure }: CallEnd, requestId: string): void {
  if (call.cancelled) return;
  const metadata = failure?.status.metadata ?? new Metadata();
  metadata.set(REQUEST_ID, requestId);
  if (failure === undefined) call.end(metadata);
  // grpc-js sends an error that is emitted as the status, after what has been written.
  else call.emit("error", { code: failure.status.code, details: failure.status.details, metadata });
}

/** @param within milliseconds, besides the time to read the end */
function letGo(stream: Http2Stream, within = 0): void {
  const cutting = setTimeout(() => stream.reset(), Math.min(within + FAREWELL_MS, GREATEST_TIMEOUT_MS)).unref();
  void stream.closed.then(() => clearTimeout(cutting));
}
