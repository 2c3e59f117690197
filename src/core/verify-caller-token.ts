import { notAlive } from "./alive.ts";
import type { Caller } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { recogniseJwt } from "./recognise.ts";
import { settleFor } from "./settle-for.ts";

/** Nobody asks about it. */
const NO_ANSWER = new Uint8Array();

/** The caller that the configuration knows by exactly these. */
export type CallerNamed = (iss: string, sub: string) => Caller | undefined;

/**
 * Who calls by a JWT of its own: undefined unless it is genuine, meant for Assay, alive and not revoked. It is judged as any JWT is
 * at every call, and opens nothing when it is of Assay's own making or bound to a key that nobody has proved.
 * @param environment whose `issuers` are those that may speak for callers, with Assay's audience for callers, and whose
 *   `rememberedTokens` hold callers' tokens alone
 * @throws AssayError `keys_unavailable`, `store_unavailable`, `rate_limited`
 */
export async function verifyCallerToken(
  environment: Environment,
  token: string,
  callerNamed: CallerNamed,
): Promise<Caller | undefined> {
  const recognised = await recogniseJwt(environment, token);
  if (typeof recognised === "string") return undefined;
  const { iss, sub, cnf } = recognised.claims;
  if (iss === environment.issuer || sub === undefined || cnf !== undefined) return undefined;
  if (notAlive(recognised.claims, recognised.leeway, environment.store.clock.now()) !== undefined) return undefined;
  // Also a stranger's, whose signature would be checked anew each time.
  if (!recognised.isRemembered) environment.rememberedTokens.remember(token, recognised, NO_ANSWER);

  const caller = callerNamed(iss, sub);
  if (caller === undefined) return undefined;
  await settleFor(environment, caller, { isJwt: true });
  return environment.revocations.nameOneOf(recognised.marks) ? undefined : caller;
}
