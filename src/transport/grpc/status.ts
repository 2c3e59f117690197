/** The one place where an error becomes a gRPC status. */
import { Metadata, status } from "@grpc/grpc-js";
import { AssayError, type ErrorCode } from "../../core/error.ts";
import { PassedOn } from "../../core/passed-on.ts";
import type { Any } from "../../gen/google/protobuf/any.ts";
import { BadRequest, ErrorInfo, RetryInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";
import { toDuration } from "./duration.ts";

export type StatusName = keyof typeof status;

export type RpcStatus = {
  code: number;
  name: StatusName;
  /** As in error_reason.proto, without its prefix. */
  reason: string;
  details: string;
  /** The google.rpc.Status: where a status is part of an answer. */
  encoded: Buffer;
  /** What goes with it where it is the end of a call. */
  metadata: Metadata;
};

type Row = { name: StatusName; retryAfterSeconds?: number };

const ROWS: Readonly<Record<ErrorCode, Row>> = {
  invalid_request: { name: "INVALID_ARGUMENT" },
  caller_unknown: { name: "UNAUTHENTICATED" },
  permission_missing: { name: "PERMISSION_DENIED" },
  client_not_allowed: { name: "PERMISSION_DENIED" },
  audience_not_allowed: { name: "PERMISSION_DENIED" },
  grant_not_allowed: { name: "PERMISSION_DENIED" },
  scope_not_allowed: { name: "PERMISSION_DENIED" },
  format_not_allowed: { name: "PERMISSION_DENIED" },
  invalid_grant: { name: "FAILED_PRECONDITION" },
  store_unavailable: { name: "UNAVAILABLE", retryAfterSeconds: 1 },
  keys_unavailable: { name: "UNAVAILABLE", retryAfterSeconds: 1 },
  store_full: { name: "RESOURCE_EXHAUSTED", retryAfterSeconds: 10 },
  shutting_down: { name: "UNAVAILABLE", retryAfterSeconds: 1 },
  invalid_proof: { name: "FAILED_PRECONDITION" },
  use_dpop_nonce: { name: "FAILED_PRECONDITION" },
  rate_limited: { name: "RESOURCE_EXHAUSTED", retryAfterSeconds: 1 },
  watcher_too_slow: { name: "RESOURCE_EXHAUSTED", retryAfterSeconds: 1 },
  audit_unavailable: { name: "UNAVAILABLE", retryAfterSeconds: 5 },
  call_gone: { name: "CANCELLED" },
};

const NAMES: ReadonlyMap<number, StatusName> = new Map([
  [status.INVALID_ARGUMENT, "INVALID_ARGUMENT"],
  [status.PERMISSION_DENIED, "PERMISSION_DENIED"],
  [status.FAILED_PRECONDITION, "FAILED_PRECONDITION"],
  [status.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"],
  [status.INTERNAL, "INTERNAL"],
]);
const DOMAIN = "assay.v1";
const INTERNAL_TEXT = "internal error: its cause is in the service's log, under the x-request-id of this answer";
/** Clients refuse trailers of more than 8 KiB. */
const GREATEST_DETAILS = 1_024;
const GREATEST_VIOLATIONS = 20;

/** Anything but these errors of the core is a fault of ours: a fixed text, nothing of its cause. */
export function statusOf(error: unknown): RpcStatus {
  if (error instanceof PassedOn) return asItCame(error);
  if (!(error instanceof AssayError)) return build("INTERNAL", "INTERNAL", INTERNAL_TEXT, []);
  const { name, retryAfterSeconds } = ROWS[error.code];
  const more: Any[] = [];
  if (error.fields.length > 0) more.push(badRequest(error));
  const retryAfterMs = error.retryAfterMs ?? (retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000);
  if (retryAfterMs !== undefined) more.push(retryInfo(retryAfterMs));
  return build(name, error.code.toUpperCase(), error.message, more, error.metadata);
}

/** An authority has said it in this very way. */
function asItCame({ status: code, reason, message, details }: PassedOn): RpcStatus {
  const name = NAMES.get(code) ?? "UNKNOWN";
  const text = message.toWellFormed().slice(0, GREATEST_DETAILS);
  return { code, name, reason, details: text, encoded: details, metadata: metadataWith(details) };
}

function build(
  name: StatusName,
  reason: string,
  message: string,
  more: Any[],
  info: Readonly<Record<string, string>> = {},
): RpcStatus {
  const details = message.toWellFormed().slice(0, GREATEST_DETAILS);
  const errorInfo = ErrorInfo.encode({ reason, domain: DOMAIN, metadata: { ...info } }).finish();
  const bytes = Status.encode({
    code: status[name],
    message: details,
    details: [packed("google.rpc.ErrorInfo", errorInfo), ...more],
  }).finish();
  const encoded = Buffer.from(bytes);
  return { code: status[name], name, reason, details, encoded, metadata: metadataWith(encoded) };
}

function metadataWith(encoded: Buffer): Metadata {
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", encoded);
  return metadata;
}

function badRequest(error: AssayError): Any {
  const violations = error.fields.slice(0, GREATEST_VIOLATIONS).map(({ field, description }) => ({
    field,
    description,
    reason: "",
    localized_message: undefined,
  }));
  return packed("google.rpc.BadRequest", BadRequest.encode({ field_violations: violations }).finish());
}

function retryInfo(milliseconds: number): Any {
  return packed("google.rpc.RetryInfo", RetryInfo.encode({ retry_delay: toDuration(milliseconds) }).finish());
}

function packed(type: string, message: Uint8Array): Any {
  return { type_url: `type.googleapis.com/${type}`, value: Buffer.from(message) };
}
