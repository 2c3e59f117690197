import { status as Code } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RetryInfo } from "../gen/google/rpc/error_details.ts";
import { Status } from "../gen/google/rpc/status.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { EXIT, Failure } from "./failure.ts";

type Details = {
  reason?: string;
  fields?: ReadonlyArray<{ field: string; description: string }>;
  /** Seconds. */
  retryAfter?: number;
};

const DETAIL_PREFIX = "type.googleapis.com/google.rpc.";
const REFUSALS: ReadonlySet<Code> = new Set([
  Code.FAILED_PRECONDITION,
  Code.PERMISSION_DENIED,
  Code.UNAUTHENTICATED,
  Code.NOT_FOUND,
]);

/** What a failed call means to whoever typed the command: reason, sentence, fields, and what to do. */
export function rpcFailure(error: ServiceError, options: ConnectionOptions): Failure {
  const details = decode(error);
  return new Failure(exitCode(error.code), sentence(error.details), {
    status: Code[error.code],
    reason: details.reason,
    fields: details.fields ?? [],
    hint: hint(error, details, options),
  });
}

/** grpc-js ends with notes that are empty more often than not. */
function sentence(text: string): string {
  return text.replace(/\s*Resolution note:\s*$/, "");
}

function exitCode(code: Code): number {
  if (code === Code.INVALID_ARGUMENT) return EXIT.badUsage;
  return REFUSALS.has(code) ? EXIT.refused : EXIT.noAnswer;
}

function decode(error: ServiceError): Details {
  const [trailer] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(trailer)) return {};
  try {
    return Object.assign({}, ...Status.decode(trailer).details.map(decodeDetail));
  } catch {
    return {};
  }
}

function decodeDetail({ type_url: type, value }: Status["details"][number]): Details {
  switch (type) {
    case `${DETAIL_PREFIX}ErrorInfo`:
      return { reason: ErrorInfo.decode(value).reason };
    case `${DETAIL_PREFIX}BadRequest`:
      return {
        fields: BadRequest.decode(value).field_violations.map(({ field, description }) => ({ field, description })),
      };
    case `${DETAIL_PREFIX}RetryInfo`: {
      const delay = RetryInfo.decode(value).retry_delay;
      return delay === undefined ? {} : { retryAfter: delay.seconds + delay.nanos / 1e9 };
    }
    default:
      return {};
  }
}

function hint(error: ServiceError, { reason, retryAfter }: Details, options: ConnectionOptions): string | undefined {
  if (reason === "CALLER_UNKNOWN") {
    return "Say who calls: set ASSAY_SECRET or --secret-file, or give --tls-cert and --tls-key.";
  }
  if (retryAfter !== undefined) return `Retry in ${retryAfter} s.`;
  if (reason !== undefined) return undefined;
  if (error.code === Code.DEADLINE_EXCEEDED) {
    return `Nothing answered at ${options.address} in time: is it the right address? Raise --timeout to wait longer.`;
  }
  if (error.code === Code.UNIMPLEMENTED) return `What listens at ${options.address} is no Assay, or an older one.`;
  return error.code === Code.UNAVAILABLE ? connectionHint(error.details, options) : undefined;
}

function connectionHint(text: string, { address }: ConnectionOptions): string {
  if (/ECONNREFUSED|ENOENT/.test(text)) {
    return `Nothing listens at ${address}. Is it running? Start it with: npm start (in its repository) or assay serve. Elsewhere: --address or ASSAY_ADDRESS.`;
  }
  if (/certificate|altname|self.signed/i.test(text)) {
    return "The service's certificate is not trusted for this address: name its authorities with --tls-ca.";
  }
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(text))
    return `There is no such host: correct --address ${address}.`;
  return "Connect with --tls or --tls-ca if the service speaks TLS, and without if it does not.";
}
