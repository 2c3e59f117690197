import type { Caller } from "../../core/caller.ts";
import type { Environment } from "../../core/environment.ts";
import type { GetJwksRequest, GetJwksResponse } from "../../gen/assay/v1/token_service.ts";
import { toDuration } from "./duration.ts";
import type { Answer } from "./rpc.ts";

export async function getJwks(
  environment: Environment,
  _caller: Caller,
  { current }: GetJwksRequest,
): Promise<Answer<GetJwksResponse>> {
  if (current) await environment.keyring.readAnew();
  const { jwks, cacheableForMs } = environment.keyring.published();
  return { response: { jwks: JSON.stringify(jwks), cacheable_for: toDuration(Math.floor(cacheableForMs)) } };
}
