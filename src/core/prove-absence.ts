import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { parseCompactJws } from "./token/compact-jws.ts";
import { REFRESH_PREFIX } from "./token/refresh-token.ts";

/**
 * A read that finds nothing proves nothing: neither does one at a primary whose successor has been elected, or in a store that was
 * emptied. Resolves at once for every other reason, else when the store has proved to be whole and the one that counts.
 * @throws AssayError `store_unavailable`
 */
export async function proveAbsence({ revocations }: Environment, reason: InactiveReason): Promise<void> {
  if (reason === "unknown") await revocations.prove();
}

/** Whether a token says that a key of ours made it: every key of ours has a name, and so has every token that one of them made. */
export function namesOwnKey({ issuer }: Environment, token: string): boolean {
  if (token.startsWith(REFRESH_PREFIX)) return true;
  const jws = parseCompactJws(token);
  return jws?.payload["iss"] === issuer && jws.header["kid"] !== undefined;
}

/**
 * The same for the key of a foreign JWT: it may have been published since the keys were asked for, and not every unknown name makes
 * them be asked for again. Returns where that was at `since` or later, in milliseconds of `performance.now`.
 * @throws AssayError `keys_unavailable`
 */
export function requireKeysSince(
  { issuers }: Environment,
  reason: InactiveReason,
  { token, since }: { token: string; since: number },
): void {
  if (reason !== "unknown_key") return;
  const iss = parseCompactJws(token)?.payload["iss"];
  const keys = issuers.get(String(iss))?.keys;
  if (keys === undefined || (keys.askedAt() ?? -Infinity) >= since) return;
  throw new AssayError(
    "keys_unavailable",
    "the token's key is not known here, and may have been published a moment ago: retry",
  );
}
