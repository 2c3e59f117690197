import { allows, type Caller, type Limit, type Reach } from "./caller.ts";
import type { Environment } from "./environment.ts";
import type { InactiveReason } from "./inactive-reason.ts";
import type { Claims } from "./token/claims.ts";

/** Whom a token is from, and for. */
type Party = Pick<Claims, "iss" | "client_id" | "aud">;

/**
 * Whom a token is for: an access token for the audiences it names; a refresh token, which names none, for whoever may issue for
 * its client. Where clients are limited, for these alone.
 * @returns why it is for others than the caller, as far as `reach` goes
 */
export function beyondReach(
  environment: Environment,
  caller: Caller,
  reach: Reach,
  { kind, claims }: { kind: "access" | "refresh"; claims: Party },
): InactiveReason | undefined {
  if (kind === "access" && !namesOneOf(reach.audiences, claims)) return "audience_mismatch";
  const { issue } = caller.permissions;
  const mayIssue = issue !== undefined && isOfClients(environment, issue.clients, claims);
  const isTheirs = isOfClients(environment, reach.clients, claims) && (kind === "access" || mayIssue);
  return isTheirs ? undefined : "client_mismatch";
}

export function namesOneOf(audiences: Limit, { aud }: Pick<Claims, "aud">): boolean {
  return aud.some((name) => allows(audiences, name));
}

/** Clients are ours: another issuer's may bear any name. */
export function isOfClients({ issuer }: Environment, clients: Limit, { iss, client_id: clientId }: Party): boolean {
  return clients === "all" || (iss === issuer && clientId !== undefined && clients.has(clientId));
}
