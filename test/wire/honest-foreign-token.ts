/** What an honest provider says in an access token (RFC 9068). */
import { randomUUID } from "node:crypto";
import { API } from "../support/server.ts";

export type Members = Record<string, unknown>;

export const IDP = "https://idp.example";

export function honestHeader(): Members {
  return { alg: "ES256", kid: "idp", typ: "at+jwt" };
}

export function honestClaims(): Members {
  const iat = Math.floor(Date.now() / 1_000);
  const ids = { jti: randomUUID(), sub: "bob", client_id: "portal" };
  return { iss: IDP, aud: API, scope: "read", iat, exp: iat + 600, ...ids };
}
