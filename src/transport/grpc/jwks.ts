import type { Environment } from "../../core/environment.ts";
import type { GetJwksResponse } from "../../gen/assay/v1/token_service.ts";
import type { Answer } from "./rpc.ts";

const CACHEABLE_FOR = { seconds: 300, nanos: 0 };

export async function getJwks(environment: Environment): Promise<Answer<GetJwksResponse>> {
  return { response: { jwks: JSON.stringify(environment.keyring.jwks()), cacheable_for: CACHEABLE_FOR } };
}
