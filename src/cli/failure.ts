import { ConfigError } from "../config/config-error.ts";
import { StartError } from "../core/start-error.ts";

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

/** What ends a command, whatever went wrong. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ConfigError) return new Failure(EXIT.badUsage, error.message);
  if (error instanceof StartError) return new Failure(EXIT.refused, error.message);
  return new Failure(EXIT.refused, `a fault of Assay's own: ${error instanceof Error ? error.message : String(error)}`);
}
