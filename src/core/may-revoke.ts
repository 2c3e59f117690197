/** What a caller may revoke: the same wherever the revocation is then written. */
import { notAlive } from "./alive.ts";
import { allows, type Caller, type Reach, requirePermission } from "./caller.ts";
import type { Environment } from "./environment.ts";
import { AssayError } from "./error.ts";
import { namesOwnKey, proveAbsence, requireKeysSince } from "./prove-absence.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import { recognise } from "./recognise.ts";
import type { Recognised } from "./recognised.ts";
import type { Secret } from "./secret.ts";
import { isOfClients, namesOneOf } from "./within-reach.ts";

/** What to revoke. An absent `iss` is our own issuer. */
export type RevokeSelector =
  | { by: "token"; token: Secret }
  | { by: "token_id"; iss?: string; jti: string }
  | { by: "sid"; iss?: string; sid: string }
  | { by: "subject"; iss?: string; sub: string }
  | { by: "client_id"; iss?: string; clientId: string }
  | { by: "key_id"; iss?: string; kid: string }
  | { by: "issuer"; iss: string };

/**
 * A token that the caller may revoke. Undefined when there is nothing to revoke (RFC 7009 section 2.2).
 * @throws AssayError `permission_missing`, `client_not_allowed`, `audience_not_allowed`, `store_unavailable`, `keys_unavailable`, `call_gone`
 */
export async function tokenToRevoke(
  environment: Environment,
  caller: Caller,
  secret: Secret,
): Promise<Recognised | undefined> {
  const since = performance.now();
  const token = await recogniseByAllKeys(environment, secret.reveal());
  if (typeof token === "string") {
    // Else it would be told to be revoked, and live on.
    await proveAbsence(environment, token);
    requireKeysSince(environment, token, { token: secret.reveal(), since });
    return undefined;
  }
  if (notAlive(token.claims, token.leeway, environment.store.clock.now()) === "expired") return undefined;
  requireTokenWithin(environment, caller, token);
  return token;
}

/** A key of ours that is not known here may have been put to use elsewhere a moment ago. */
async function recogniseByAllKeys(environment: Environment, token: string): Promise<Recognised | InactiveReason> {
  const found = await recognise(environment, token);
  if (found !== "unknown_key" || !namesOwnKey(environment, token)) return found;
  await environment.keyring.readAnew();
  return recognise(environment, token);
}

/**
 * What a selector names cannot be told to be one client's, or for one audience, before it is too late, and some name very much.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `audience_not_allowed`
 */
export function requireSelectorWithin(
  environment: Pick<Environment, "issuer">,
  caller: Caller,
  selector: Exclude<RevokeSelector, { by: "token" }>,
): void {
  const { by } = selector;
  const needed =
    by === "client_id" || by === "key_id" || by === "issuer" ? (["revoke", "admin"] as const) : (["revoke"] as const);
  const reaches = needed.map((permission) => requirePermission(caller, permission));
  const isOurs = (selector.iss ?? environment.issuer) === environment.issuer;
  const isReached = ({ clients }: Reach): boolean =>
    clients === "all" || (by === "client_id" && isOurs && allows(clients, selector.clientId));
  if (!reaches.every(isReached)) {
    throw new AssayError(
      "client_not_allowed",
      `the caller '${caller.name}' is limited to certain clients and so may not revoke by ${by}: revoke by token, or let its ${needed.join(" and ")} reach all clients ("*")`,
    );
  }
  if (reaches.every(({ audiences }) => audiences === "all")) return;
  throw new AssayError(
    "audience_not_allowed",
    `the caller '${caller.name}' is limited to certain audiences and so may not revoke by ${by}: revoke by token, or remove audiences from its ${needed.join(" and ")}`,
  );
}

/** RFC 7009 section 2.1: a client's tokens are revoked on behalf of that client only. */
function requireTokenWithin(environment: Environment, caller: Caller, { claims }: Recognised): void {
  const reach = requirePermission(caller, "revoke");
  if (!isOfClients(environment, reach.clients, claims)) {
    throw new AssayError(
      "client_not_allowed",
      `the token belongs to a client that the caller '${caller.name}' may not act for`,
    );
  }
  if (reach.audiences === "all" || namesOneOf(reach.audiences, claims)) return;
  throw new AssayError(
    "audience_not_allowed",
    `the token names no audience that the caller '${caller.name}' may revoke for`,
  );
}
