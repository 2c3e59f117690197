import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { parseCompactJws } from "./token/compact-jws.ts";

/**
 * A read that finds nothing proves nothing: neither does one at a primary whose successor has been elected, or in a store that was
 * emptied. Resolves at once for every other reason, else when the store has proved to be whole and the one that counts.
 * @throws AssayError `store_unavailable`
 */
export async function proveAbsence({ revocations }: Environment, reason: InactiveReason): Promise<void> {
  if (reason === "unknown") await revocations.prove();
}

/**
 * The same for the key of a JWT: it may have been published since the keys were asked for, and not every unknown name makes
 * them be asked for again. Returns where that was at `since` or later, in milliseconds of `performance.now`.
 * @throws AssayError `keys_unavailable`
 */
export function requireKeysSince(
  { issuer, keyring, issuers }: Environment,
  reason: InactiveReason,
  { token, since }: { token: string; since: number },
): void {
  if (reason !== "unknown_key") return;
  const jws = parseCompactJws(token);
  const iss = jws?.payload["iss"];
  const isOurs = iss === issuer;
  // Every key of ours has a name, and so has every token that one of them signed.
  if (isOurs && jws?.header["kid"] === undefined) return;
  const keys = isOurs ? keyring : issuers.get(String(iss))?.keys;
  if ((keys?.askedAt() ?? -Infinity) >= since) return;
  throw new AssayError(
    "keys_unavailable",
    "the token's key is not known here, and may have been published a moment ago: retry",
  );
}
