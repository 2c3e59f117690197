import { randomUUID } from "node:crypto";
import type { Metadata, ServerUnaryCall } from "@grpc/grpc-js";
import type { Caller } from "../../core/caller.ts";
import type { CallLog, LogLevel } from "./call-log.ts";
import { givenRequestId } from "./request-id.ts";
import { type RpcStatus, type StatusName, statusOf } from "./status.ts";

/** How a call ended, as telemetry may know it. */
export type RpcEnd = {
  status: StatusName;
  reason?: string | undefined;
  outcome?: string | undefined;
  /** Of the items of a batch or a stream. */
  outcomes?: ReadonlyMap<string, number> | undefined;
  caller?: string | undefined;
};

/** With what its caller is told, where it failed. */
export type CallEnd = RpcEnd & {
  failure?: { status: RpcStatus; cause: unknown };
  /** The cause where an item failed by a fault of ours. */
  fault?: unknown;
};

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

/** The caller's own request id; one that is made where it gave none and there is a failure, or a line in the log, to find by it. */
export function requestIdFor(log: CallLog, end: CallEnd, metadata: Metadata): string | undefined {
  const isOfUse = end.failure !== undefined || log.isLevelEnabled(levelOf(end));
  return givenRequestId(metadata) ?? (isOfUse ? randomUUID() : undefined);
}

/** One line for each call. `started` as `performance.now` says it. */
export function logEnd(
  log: CallLog,
  method: string,
  end: CallEnd,
  { requestId, started }: { requestId: string | undefined; started: number },
): void {
  const level = levelOf(end);
  if (!log.isLevelEnabled(level)) return;
  const fields = {
    method,
    caller: end.caller,
    status: end.status,
    reason: end.reason,
    outcome: end.outcome,
    ...itemsOf(end),
    ms: Math.round((performance.now() - started) * 1_000) / 1_000,
    request_id: requestId,
  };
  if (level === "info") log.info(fields, "call");
  else
    log[level](
      { ...fields, err: end.failure?.cause ?? end.fault },
      end.failure === undefined ? "items failed" : "call failed",
    );
}

function levelOf(end: CallEnd): LogLevel {
  if (end.status === "INTERNAL" || end.fault !== undefined) return "error";
  return end.status === "UNAVAILABLE" || end.reason === "STORE_FULL" ? "warn" : "info";
}

function itemsOf({ outcomes }: CallEnd): { items?: number; outcomes?: Readonly<Record<string, number>> } {
  if (outcomes === undefined || outcomes.size === 0) return {};
  const items = outcomes.values().reduce((sum, count) => sum + count, 0);
  return { items, outcomes: Object.fromEntries(outcomes) };
}
