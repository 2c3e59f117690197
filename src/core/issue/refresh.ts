import type { Caller } from "../caller.ts";
import type { Environment } from "../environment.ts";
import type { Secret } from "../secret.ts";
import type { Issued } from "./issued.ts";

export type RefreshRequest = {
  refreshToken: Secret;
  clientId: string;
  /** Empty means all that the family grants. */
  scopes: readonly string[];
  context?: { clientIp?: string; userAgent?: string };
};

export async function refresh(_environment: Environment, _caller: Caller, _request: RefreshRequest): Promise<Issued> {
  throw new Error("to be written");
}
