import type { ClientConfig, Config } from "../config/schema.ts";
import type { ClientPolicy } from "../core/environment.ts";

/** What each client may get: what it does not say itself is said by `tokens`, but never more than its own greatest. */
export function clientPolicies({ clients, tokens }: Config): ReadonlyMap<string, ClientPolicy> {
  return new Map(clients.map((client) => [client.client_id, policyOf(client, tokens)]));
}

function policyOf(client: ClientConfig, tokens: Config["tokens"]): ClientPolicy {
  const accessMaxLifetime = Math.min(client.access_max_lifetime ?? Infinity, tokens.access_max_lifetime);
  const refreshAbsoluteLifetime = client.refresh_absolute_lifetime ?? tokens.refresh_absolute_lifetime;
  return {
    clientId: client.client_id,
    isPublic: client.public,
    scopes: new Set(client.scopes),
    audiences: new Set(client.audiences),
    formats: client.formats,
    grants: new Set(client.grants),
    subjectAudiences: new Set(client.subject_audiences),
    accessLifetime: Math.min(client.access_lifetime ?? tokens.access_lifetime, accessMaxLifetime),
    accessMaxLifetime,
    refreshIdleLifetime: Math.min(
      client.refresh_idle_lifetime ?? tokens.refresh_idle_lifetime,
      refreshAbsoluteLifetime,
    ),
    refreshAbsoluteLifetime,
    refreshGrace: client.refresh_grace,
  };
}
