/** How a command ended: `introspect` says 1 for an inactive token, the others for a refusal. */
export const EXIT = { ok: 0, inactive: 1, refused: 1, badUsage: 2, noAnswer: 3 } as const;

type FailureDetails = {
  /** `google.rpc.ErrorInfo.reason`, where the service said one. */
  reason?: string | undefined;
  /** The gRPC status by name. */
  status?: string;
  fields?: ReadonlyArray<{ field: string; description: string }>;
  /** What to do about it. */
  hint?: string | undefined;
};

/** Ends a command with an exit code and sentences, never a stack. */
export class Failure extends Error {
  readonly exitCode: number;
  readonly details: FailureDetails;

  constructor(exitCode: number, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
    this.details = details;
  }
}

export function badUsage(message: string): Failure {
  return new Failure(EXIT.badUsage, message);
}
