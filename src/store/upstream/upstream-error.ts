/** What a failed call to an authority means here. Nothing of its text is passed on, but where a refusal is meant for who asked. */
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { AssayError } from "../../core/error.ts";
import { PassedOn } from "../../core/passed-on.ts";
import { StartError } from "../../core/start-error.ts";
import { ErrorInfo } from "../../gen/google/rpc/error_details.ts";
import { Status } from "../../gen/google/rpc/status.ts";

const DOMAIN = "assay.v1";
const DETAILS = "grpc-status-details-bin";
const GREATEST_DETAILS = 8_192;
const GREATEST_WHY = 300;

/** What the authority says to the one that asked it, and not to this verifier. */
const PASSED_ON: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
  status.INTERNAL,
]);

/** Nobody was there, or there was too much to do. */
const PASSING: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.CANCELLED,
  // A secret that is being replaced.
  status.UNAUTHENTICATED,
]);

export function storeUnavailable(cause: unknown): AssayError {
  return new AssayError(
    "store_unavailable",
    "no authority answered in time; the outcome of a write is unknown: retry",
    { cause: typeof cause === "string" ? new Error(cause) : cause },
  );
}

/** Nobody answered: another authority may. */
export function isUnreachable(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNAVAILABLE && reasonOf(error) === undefined;
}

/** Whether it may succeed when it is asked again later. */
export function mayPass(error: unknown): boolean {
  return !isServiceError(error) || PASSING.has(error.code);
}

/** For what a verifier asks on its own behalf: whatever an authority refuses it cannot judge by. */
export function asUnavailable(error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const reason = isServiceError(error) ? reasonOf(error) : undefined;
  if (reason === "KEYS_UNAVAILABLE") {
    return new AssayError("keys_unavailable", "the authority does not know its keys at the moment; retry", {
      cause: error,
    });
  }
  if (reason === "AUDIT_UNAVAILABLE") {
    return new AssayError("audit_unavailable", "the authority cannot write its audit trail, and did nothing; retry", {
      cause: error,
    });
  }
  return storeUnavailable(error);
}

/** For what it asks on behalf of a caller of its own. */
export function asPassedOn(error: unknown): Error {
  if (!isServiceError(error) || !PASSED_ON.has(error.code)) return asUnavailable(error);
  const reason = reasonOf(error);
  const details = detailsOf(error);
  if (reason === undefined || details === undefined) return asUnavailable(error);
  return new PassedOn(error.details, { status: error.code, reason, details });
}

/** Why an authority is of no use to this verifier, and the mend, as a sentence. */
export function whyUseless(authority: string, error: unknown): string {
  if (error instanceof StartError) return error.message;
  return `The authority at ${authority} is of no use: ${clauseOf(error)}.`;
}

function clauseOf(error: unknown): string {
  if (!isServiceError(error)) return error instanceof Error ? error.message : String(error);
  if (error.code === status.UNAUTHENTICATED)
    return "it does not know this verifier; give upstream.secret_file or upstream.tls.certificate of one of its callers";
  if (error.code === status.PERMISSION_DENIED)
    return "it does not let this verifier in; give its caller there the permissions watch and introspect";
  if (error.code === status.UNIMPLEMENTED) return "it is no authority; name one that reaches the store";
  if (error.code === status.DEADLINE_EXCEEDED) return "it did not answer in time";
  return isUnreachable(error) ? `it cannot be reached (${whyNot(error)})` : `it answered ${status[error.code]}`;
}

/** A refusal, a name that is not found, a certificate that is not trusted: grpc-js puts it between words of its own. */
function whyNot({ details }: ServiceError): string {
  const [, last = details] = /Last error: (?:Error: )?(.*?)[.\s]*Resolution note/s.exec(details) ?? [];
  return last.slice(0, GREATEST_WHY);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "metadata" in error;
}

function reasonOf(error: ServiceError): string | undefined {
  const bytes = detailsOf(error);
  if (bytes === undefined) return undefined;
  try {
    const info = Status.decode(bytes).details.find(({ type_url: type }) => type.endsWith("/google.rpc.ErrorInfo"));
    const { domain, reason } = info === undefined ? { domain: "", reason: "" } : ErrorInfo.decode(info.value);
    return domain === DOMAIN && /^[A-Z_]{1,64}$/.test(reason) ? reason : undefined;
  } catch {
    return undefined;
  }
}

function detailsOf({ metadata }: ServiceError): Buffer | undefined {
  const [details] = metadata instanceof Metadata ? metadata.get(DETAILS) : [];
  return Buffer.isBuffer(details) && details.length <= GREATEST_DETAILS ? details : undefined;
}
