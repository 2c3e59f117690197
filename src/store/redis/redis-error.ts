import { ReplyError } from "ioredis";
import { AssayError } from "../../core/error.ts";

/** Redis refuses a write and nothing is written: memory, disk for snapshots, or disk for the append-only file. */
const FULL = /\b(?:OOM|MISCONF)\b|no space left/i;
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/;
const FORBIDDEN = /\bNOPERM\b|unknown command/i;

/** The reply to a command. @throws AssayError */
export async function answered<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw storeError(error);
  }
}

export function storeError(error: unknown): AssayError {
  return FULL.test(messageOf(error)) ? storeFull(error) : storeUnavailable(messageOf(error));
}

/** `because` is for the log. */
export function storeUnavailable(because: string): AssayError {
  return new AssayError(
    "store_unavailable",
    "the store did not answer, or cannot be trusted at the moment; what was asked may or may not have been done; retry",
    { cause: new Error(because) },
  );
}

/** Whether Redis did not let this user in, or not ask what every connection must. */
export function isRefusal(message: string): boolean {
  return REFUSED.test(message);
}

/** Whether Redis itself answered with an error, rather than not at all. */
export function isErrorReply(error: unknown): boolean {
  return error instanceof ReplyError;
}

/** Whether a command is forbidden to this user, or renamed away. */
export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.test(messageOf(error));
}

/**
 * The text of an error without what ioredis and Redis attach to it: the arguments of the command, which may be a password.
 */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith("Stream isn't writeable")) {
    return "there is no connection";
  }
  const [told = ""] = message.split(/, with args beginning with/i);
  return told;
}

function storeFull(error: unknown): AssayError {
  return new AssayError("store_full", "the store is full and nothing was written; give it room, then retry", {
    cause: new Error(messageOf(error)),
  });
}
