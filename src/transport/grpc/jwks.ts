import type { Environment } from "../../core/environment.ts";
import type { GetJwksResponse } from "../../gen/assay/v1/token_service.ts";
import { toDuration } from "./duration.ts";
import type { Answer } from "./rpc.ts";

export async function getJwks(environment: Environment): Promise<Answer<GetJwksResponse>> {
  const { jwks, cacheableForMs } = environment.keyring.published();
  return { response: { jwks: JSON.stringify(jwks), cacheable_for: toDuration(Math.floor(cacheableForMs)) } };
}
