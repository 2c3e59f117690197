/** An authority's refusal of what a verifier passed on to it: whoever asked gets it as it is. */
export class PassedOn extends Error {
  /** The status, as gRPC numbers it. */
  readonly status: number;
  /** As in error_reason.proto, without its prefix. For telemetry. */
  readonly reason: string;
  /** The bytes of the `google.rpc.Status` that says more. */
  readonly details: Buffer;

  /** `message` is the authority's, for the caller. */
  constructor(message: string, { status, reason, details }: Pick<PassedOn, "status" | "reason" | "details">) {
    super(message);
    this.name = "PassedOn";
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}
