import { notAlive } from "./alive.ts";
import type { Environment } from "./environment.ts";
import { isRevoked } from "./revoked.ts";
import { MAX_TOKEN_LENGTH } from "./recognise.ts";
import { verifyJwt } from "./verify-jwt.ts";

/** Who a caller's own JWT says it is. `exp` in milliseconds, leeway included. */
export type CallerToken = { iss: string; sub: string; exp: number };

/**
 * Whether a caller's own JWT is genuine, meant for Assay, alive and not revoked; undefined when it is not. It is verified as any JWT
 * is, and opens nothing when it is of Assay's own making or bound to a key that nobody has proved.
 * @param environment whose `issuers` are those that may speak for callers, with Assay's audience for callers
 * @throws AssayError `keys_unavailable`, `store_unavailable`, `rate_limited`
 */
export async function verifyCallerToken(environment: Environment, token: string): Promise<CallerToken | undefined> {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const verified = await verifyJwt(environment, token);
  if (typeof verified === "string") return undefined;
  const { iss, sub, exp, cnf } = verified.claims;
  if (iss === environment.issuer || sub === undefined || cnf !== undefined) return undefined;
  if (notAlive(verified.claims, verified.leeway, environment.store.clock.now()) !== undefined) return undefined;
  if (await isRevoked(environment, verified.origins)) return undefined;
  return { iss, sub, exp: (exp + verified.leeway) * 1_000 };
}
