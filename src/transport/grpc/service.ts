import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { decodingNeverThrows } from "./decoded.ts";
import { introspect } from "./introspect.ts";
import { issue } from "./issue.ts";
import { getJwks } from "./jwks.ts";
import { revoke } from "./revoke.ts";
import { handler, type RpcContext } from "./rpc.ts";

/** The TokenService, ready for a server: each RPC with the permission that it asks for. */
export function tokenService(context: RpcContext): {
  definition: ServiceDefinition;
  implementation: UntypedServiceImplementation;
} {
  return {
    definition: decodingNeverThrows(TokenServiceService),
    implementation: {
      introspect: handler(context, { method: "Introspect", permission: "introspect", answer: introspect }),
      revoke: handler(context, { method: "Revoke", permission: "revoke", answer: revoke }),
      issue: handler(context, { method: "Issue", permission: "issue", answer: issue }),
      getJwks: handler(context, { method: "GetJwks", answer: getJwks }),
    },
  };
}
