import type { Caller } from "../../core/caller.ts";
import type { CallerNamed } from "../../core/verify-caller-token.ts";

/** @throws AssayError `keys_unavailable`, `store_unavailable`, `rate_limited` */
export type VerifyCallerToken = (token: string, callerNamed: CallerNamed) => Promise<Caller | undefined>;

/** Verifies a token once for calls that come while that is under way. What comes later is judged anew. */
export function verifiedTogether(verify: VerifyCallerToken, callerNamed: CallerNamed) {
  const underWay = new Map<string, Promise<Caller | undefined>>();

  return (token: string): Promise<Caller | undefined> => {
    const same = underWay.get(token);
    if (same !== undefined) return same;
    const verified = verify(token, callerNamed).finally(() => underWay.delete(token));
    underWay.set(token, verified);
    return verified;
  };
}
