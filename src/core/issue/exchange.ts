import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import type { Secret } from "../secret.ts";
import type { Issued } from "./issued.ts";

export type ExchangeTokenType =
  | "urn:ietf:params:oauth:token-type:access_token"
  | "urn:ietf:params:oauth:token-type:jwt";

export type ExchangeRequest = {
  clientId: string;
  subjectToken: Secret;
  actorToken?: Secret;
  audience: readonly string[];
  /** Empty means what both the subject token and the client's policy allow. */
  scopes: readonly string[];
  requestedTokenType?: ExchangeTokenType;
};

export async function exchange(_environment: Environment, _caller: Caller, _request: ExchangeRequest): Promise<Issued> {
  throw new Error("to be written");
}
