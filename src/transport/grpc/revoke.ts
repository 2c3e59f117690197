import type { Caller } from "../../core/caller.ts";
import type { Authority } from "../../core/environment.ts";
import type { Acknowledgement } from "../../core/revocation-log.ts";
import { revoke as decide } from "../../core/revoke.ts";
import { Durability, type RevokeRequest, type RevokeResponse } from "../../gen/assay/v1/token_service.ts";
import { revokeToCore } from "./revoke-request.ts";
import type { Answer } from "./rpc.ts";

const DURABILITIES: Readonly<Record<Acknowledgement["durability"], Durability>> = {
  volatile: Durability.DURABILITY_VOLATILE,
  local: Durability.DURABILITY_LOCAL,
  replicated: Durability.DURABILITY_REPLICATED,
};

export async function revoke(
  environment: Authority,
  caller: Caller,
  message: RevokeRequest,
): Promise<Answer<RevokeResponse>> {
  const acknowledgement = await decide(environment, caller, revokeToCore(message));
  if (acknowledgement === undefined) return { response: { durability: Durability.DURABILITY_UNSPECIFIED } };
  const { revision, durability } = acknowledgement;
  return { response: { revision, durability: DURABILITIES[durability] } };
}
