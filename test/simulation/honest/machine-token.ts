import { SERVICES } from "../callers.ts";
import type { Context, TokenIdentity } from "../observation.ts";
import { HOUR } from "../time.ts";

/** A client's own token, of the client credentials grant: no subject, and nothing refreshes it. */
export function machineToken(client: string, issuedAt: number, issuedTo: Context): TokenIdentity {
  return {
    id: `${client}/${issuedAt}`,
    kind: "access_jwt",
    client,
    issuedAt,
    expiresAt: issuedAt + HOUR,
    issuedTo,
    audience: SERVICES.map(({ audience }) => audience),
  };
}
