import { allows, type Caller, requirePermission } from "../caller.ts";
import type { Authority, ClientPolicy, Grant, TokenFormat } from "../environment.ts";
import { AssayError } from "../error.ts";

/**
 * The policy of a client that the caller may issue for, with the audiences that the caller may issue for.
 * @throws AssayError `permission_missing`, `client_not_allowed`, `grant_not_allowed`
 */
export function policyFor(environment: Authority, caller: Caller, clientId: string, grant: Grant): ClientPolicy {
  const reach = requirePermission(caller, "issue");
  const policy = environment.clients.get(clientId);
  if (policy === undefined || !allows(reach.clients, clientId)) {
    throw new AssayError(
      "client_not_allowed",
      `client_id: the caller '${caller.name}' may not issue for '${clientId}', or no such client is configured: see clients[].client_id, callers[].clients and what limits issue in callers[].permissions`,
    );
  }
  requireGrant(policy, grant);
  return reach.audiences === "all" ? policy : { ...policy, audiences: policy.audiences.intersection(reach.audiences) };
}

/** @throws AssayError `grant_not_allowed` */
export function requireGrant(policy: ClientPolicy, grant: Grant): void {
  if (policy.grants.has(grant)) return;
  throw new AssayError(
    "grant_not_allowed",
    `the client '${policy.clientId}' may not ${grant}: see its grants in the configuration`,
  );
}

/** @throws AssayError `scope_not_allowed` */
export function requireScopes(policy: ClientPolicy, scopes: readonly string[]): void {
  const excess = scopes.find((scope) => !policy.scopes.has(scope));
  if (excess === undefined) return;
  throw new AssayError(
    "scope_not_allowed",
    `scope: '${excess}' is not among the scopes of the client '${policy.clientId}': ask for one of its own, or add it to clients[].scopes`,
  );
}

/** @throws AssayError `audience_not_allowed` */
export function requireAudience(policy: ClientPolicy, audience: readonly string[]): void {
  const excess = audience.find((name) => !policy.audiences.has(name));
  if (excess === undefined) return;
  throw new AssayError(
    "audience_not_allowed",
    `audience: '${excess}' is not among the audiences of the client '${policy.clientId}', or the caller may not issue for it: ask for one of its own, or add it to clients[].audiences, and to those that limit issue in callers[].permissions`,
  );
}

/** The client's first form when none is asked for. @throws AssayError `format_not_allowed` */
export function chooseFormat(policy: ClientPolicy, requested: TokenFormat | undefined): TokenFormat {
  const format = requested ?? policy.formats[0];
  if (format !== undefined && policy.formats.includes(format)) return format;
  throw new AssayError(
    "format_not_allowed",
    `format: the client '${policy.clientId}' may not have ${format} tokens: ask for one of its own, or add it to clients[].formats`,
  );
}
