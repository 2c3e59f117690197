import type { Caller } from "../caller.ts";
import type { Environment, TokenFormat } from "../environment.ts";
import type { Confirmation } from "../token/claims.ts";
import type { Issued } from "./issued.ts";

export type MintRequest = {
  clientId: string;
  subject: string;
  scopes: readonly string[];
  audience: readonly string[];
  format?: TokenFormat;
  /** Whole seconds. */
  lifetime?: number;
  refresh: boolean;
  cnf?: Confirmation;
  claims?: Readonly<Record<string, unknown>>;
  authTime?: number;
  acr?: string;
  amr?: readonly string[];
};

export async function mint(_environment: Environment, _caller: Caller, _request: MintRequest): Promise<Issued> {
  throw new Error("to be written");
}
