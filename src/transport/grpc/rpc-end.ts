import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Caller } from "../../core/caller.ts";
import type { CallLog } from "./call-log.ts";
import { type RpcStatus, type StatusName, statusOf } from "./status.ts";

/** How a call ended, as telemetry may know it. */
export type RpcEnd = {
  status: StatusName;
  reason?: string | undefined;
  outcome?: string | undefined;
  caller?: string | undefined;
};

/** With what its caller is told, where it failed. */
export type CallEnd = RpcEnd & { failure?: { status: RpcStatus; cause: unknown } };

export function failed(cause: unknown, caller?: Caller): CallEnd {
  const failure = { status: statusOf(cause), cause };
  return { status: failure.status.name, reason: failure.status.reason, caller: caller?.name, failure };
}

/** A client ends a call by its own clock, which began a little before ours: that near its deadline it has not changed its mind. */
const SAME_MOMENT_MS = 50;

/** The client has its status already: it left, or grpc-js answered for us when the deadline passed. */
export function goneStatus(call: Pick<ServerUnaryCall<unknown, unknown>, "getDeadline">): StatusName {
  return Number(call.getDeadline()) <= Date.now() + SAME_MOMENT_MS ? "DEADLINE_EXCEEDED" : "CANCELLED";
}

/** By what a call is known to telemetry. */
export type RpcFacts = {
  method: string;
  /** With its service: `assay.v1.TokenService/Introspect`. */
  path: string;
  /** Reads the metadata that carries a trace's context. */
  header(name: string): string | undefined;
};

export function rpcFacts(
  method: string,
  call: Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getPath">,
): RpcFacts {
  const header = (name: string): string | undefined => {
    const [value] = call.metadata.get(name);
    return typeof value === "string" ? value : undefined;
  };
  return { method, path: call.getPath().slice(1), header };
}

/** One line for each call. `started` as `performance.now` says it. */
export function logEnd(
  log: CallLog,
  method: string,
  end: CallEnd,
  { requestId, started }: { requestId: string; started: number },
): void {
  const fields = {
    method,
    caller: end.caller,
    status: end.status,
    reason: end.reason,
    outcome: end.outcome,
    ms: Math.round((performance.now() - started) * 1_000) / 1_000,
    request_id: requestId,
  };
  const cause = end.failure?.cause;
  if (end.status === "INTERNAL") log.error({ ...fields, err: cause }, "call failed");
  else if (end.status === "UNAVAILABLE" || end.reason === "STORE_FULL")
    log.warn({ ...fields, err: cause }, "call failed");
  else log.info(fields, "call");
}
