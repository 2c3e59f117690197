import { type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RetryInfo } from "./gen/google/rpc/error_details.ts";
import { Status } from "./gen/google/rpc/status.ts";

/** The name of a gRPC status. */
export type StatusName = keyof typeof status;

/** A field of the request, and what is wrong with it. */
export type FieldFault = { field: string; description: string };

export type ErrorFacts = {
  code: StatusName;
  message: string;
  reason?: string | undefined;
  retryAfterMs?: number | undefined;
  fields?: readonly FieldFault[];
  metadata?: Readonly<Record<string, string>>;
};

const RETRYABLE: ReadonlySet<StatusName> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"]);

/** The one error that the client throws. It never holds a token. */
export class AssayClientError extends Error {
  override readonly name = "AssayClientError";
  /** The gRPC status, as the service said it or as the client found it. */
  readonly code: StatusName;
  /** As in the service's `error_reason.proto`, without prefix. Undefined where the client, or gRPC, says it. */
  readonly reason: string | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** When to ask again, where the service said so. In milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** With `INVALID_ARGUMENT`: what is wrong with the request. */
  readonly fields: readonly FieldFault[];
  /** What belongs to the reason, such as the permission that is missing. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor({ code, message, reason, retryAfterMs, fields = [], metadata = {} }: ErrorFacts) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = retryAfterMs;
    this.fields = fields;
    this.metadata = metadata;
  }
}

/** Of a call that gRPC ended. */
export function ofServiceError(error: ServiceError): AssayClientError {
  return ofEnd(error.code, error.details, error.metadata);
}

/** Of whatever was thrown. */
export function asClientError(error: unknown): AssayClientError {
  if (error instanceof AssayClientError) return error;
  return new AssayClientError({ code: "INTERNAL", message: "a fault of the client's own" });
}

/** Of how a stream ended. */
export function ofEnd(code: number, message: string, metadata: Metadata | undefined): AssayClientError {
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  const details = Buffer.isBuffer(bytes) ? decoded(bytes) : undefined;
  return ofStatus(details ?? { code, message, details: [] });
}

/** Of an item's status. */
export function ofStatus({ code, message, details }: Status): AssayClientError {
  const facts: ErrorFacts = { code: nameOf(code), message };
  for (const { type_url: type, value } of details) {
    if (type.endsWith("/google.rpc.ErrorInfo")) {
      const { reason, metadata } = ErrorInfo.decode(value);
      Object.assign(facts, { reason, metadata });
    }
    if (type.endsWith("/google.rpc.RetryInfo")) {
      const { retry_delay: delay } = RetryInfo.decode(value);
      if (delay !== undefined) facts.retryAfterMs = delay.seconds * 1_000 + delay.nanos / 1e6;
    }
    if (type.endsWith("/google.rpc.BadRequest")) {
      const violations = BadRequest.decode(value).field_violations;
      facts.fields = violations.map(({ field, description }) => ({ field, description }));
    }
  }
  return new AssayClientError(facts);
}

function decoded(bytes: Buffer): Status | undefined {
  try {
    return Status.decode(bytes);
  } catch {
    return undefined;
  }
}

const NAMES: ReadonlyMap<number, StatusName> = new Map([
  [status.OK, "OK"],
  [status.CANCELLED, "CANCELLED"],
  [status.INVALID_ARGUMENT, "INVALID_ARGUMENT"],
  [status.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"],
  [status.NOT_FOUND, "NOT_FOUND"],
  [status.ALREADY_EXISTS, "ALREADY_EXISTS"],
  [status.PERMISSION_DENIED, "PERMISSION_DENIED"],
  [status.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"],
  [status.FAILED_PRECONDITION, "FAILED_PRECONDITION"],
  [status.ABORTED, "ABORTED"],
  [status.OUT_OF_RANGE, "OUT_OF_RANGE"],
  [status.UNIMPLEMENTED, "UNIMPLEMENTED"],
  [status.INTERNAL, "INTERNAL"],
  [status.UNAVAILABLE, "UNAVAILABLE"],
  [status.DATA_LOSS, "DATA_LOSS"],
  [status.UNAUTHENTICATED, "UNAUTHENTICATED"],
]);

function nameOf(code: number): StatusName {
  return NAMES.get(code) ?? "UNKNOWN";
}
