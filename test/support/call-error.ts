import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { z } from "zod";
import { decodeMessage, encodeMessage } from "./contract.ts";

/** A failed call, with what `grpc-status-details-bin` says decoded. */
export class CallError extends Error {
  /** The status by name: `INVALID_ARGUMENT`. */
  readonly code: string;
  /** The text of the status. */
  readonly details: string;
  /** From google.rpc.ErrorInfo; undefined where there is none. */
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly info: Record<string, string>;
  /** From google.rpc.BadRequest: what is wrong, by the path of the field. */
  readonly fields: Record<string, string>;
  /** From google.rpc.RetryInfo, in seconds. */
  readonly retryAfter: number | undefined;
  readonly metadata: Metadata;

  constructor(error: ServiceError) {
    super(error.message);
    this.code = status[error.code];
    this.details = error.details;
    this.metadata = error.metadata;
    const details = statusDetails(error.metadata);
    const info = errorInfo.parse(details.get("google.rpc.ErrorInfo") ?? {});
    this.reason = info.reason;
    this.domain = info.domain;
    this.info = info.metadata;
    const violations = badRequest.parse(details.get("google.rpc.BadRequest") ?? {}).field_violations;
    this.fields = Object.fromEntries(violations.map(({ field, description }) => [field, description]));
    const retry = details.get("google.rpc.RetryInfo");
    this.retryAfter = retry === undefined ? undefined : retryInfo.parse(retry).retry_delay;
  }
}

/** A google.rpc.Status that is part of an answer: what the call would have ended with. */
export function itemError(given: object): CallError {
  const { code, message } = givenStatus.parse(given);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", encodeMessage("google.rpc.Status", given));
  return new CallError(Object.assign(new Error(message), { code, details: message, metadata }));
}

const givenStatus = z.object({ code: z.enum(status), message: z.string() });
const any = z.object({ type_url: z.string(), value: z.instanceof(Uint8Array).optional() });
const rpcStatus = z.object({ details: z.array(any).default([]) });
const errorInfo = z.object({
  reason: z.string().optional(),
  domain: z.string().optional(),
  metadata: z.record(z.string(), z.string()).default({}),
});
const badRequest = z.object({
  field_violations: z.array(z.object({ field: z.string(), description: z.string() })).default([]),
});
const retryInfo = z.object({
  retry_delay: z
    .object({ seconds: z.number().default(0), nanos: z.number().default(0) })
    .transform(({ seconds, nanos }) => seconds + nanos / 1e9),
});

function statusDetails(metadata: Metadata): Map<string, unknown> {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (bytes === undefined) return new Map();
  const { details } = rpcStatus.parse(decodeMessage("google.rpc.Status", Buffer.from(bytes)));
  return new Map(
    details.map(({ type_url: url, value }) => {
      const type = url.replace("type.googleapis.com/", "");
      return [type, decodeMessage(type, value ?? new Uint8Array())];
    }),
  );
}
