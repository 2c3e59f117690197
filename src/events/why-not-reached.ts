import { StartError } from "../core/start-error.ts";

class ForbiddenAddress extends Error {}

/** For a host that has no address to which events may go. */
export function forbiddenReceiver(): Error {
  return new ForbiddenAddress();
}

/** Never a message, which may quote what came from outside; of a setting of ours that is wrong, the sentence that says so. */
export function whyNotReached(error: unknown): string {
  if (error instanceof ForbiddenAddress) return "it has no public address: set allow_private_addresses if it is meant";
  if (error instanceof StartError) return error.message;
  return codeOf(error) ?? "unreachable";
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` … */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
