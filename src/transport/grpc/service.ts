import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Environment } from "../../core/environment.ts";
import type {
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
  WatchRevocationsRequest,
  WatchRevocationsResponse,
} from "../../gen/assay/v1/token_service.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { decodingNeverThrows } from "./decoded.ts";
import { introspect } from "./introspect.ts";
import { getJwks } from "./jwks.ts";
import { handler, type Rpc, type RpcContext } from "./rpc.ts";
import { type StreamingRpc, streamingHandler } from "./streaming-rpc.ts";

/** What an authority does itself and a verifier asks an authority for. */
export type AuthoritysPart<Role extends Environment> = {
  issue: Rpc<IssueRequest, IssueResponse, Role>["answer"];
  revoke: Rpc<RevokeRequest, RevokeResponse, Role>["answer"];
  /** Absent: UNIMPLEMENTED. */
  watch?: StreamingRpc<WatchRevocationsRequest, WatchRevocationsResponse, Role>["answer"];
};

export type Service = { definition: ServiceDefinition; implementation: UntypedServiceImplementation };

/** The TokenService, ready for a server: each RPC with the permission that it asks for. */
export function tokenService<Role extends Environment>(
  context: RpcContext<Role>,
  { issue, revoke, watch }: AuthoritysPart<Role>,
): Service {
  return {
    definition: decodingNeverThrows(TokenServiceService),
    implementation: {
      introspect: handler(context, { method: "Introspect", permission: "introspect", answer: introspect }),
      revoke: handler(context, { method: "Revoke", permission: "revoke", answer: revoke }),
      issue: handler(context, { method: "Issue", permission: "issue", answer: issue }),
      ...(watch === undefined ? {} : { watchRevocations: watching(context, watch) }),
      getJwks: handler(context, { method: "GetJwks", answer: getJwks }),
    },
  };
}

function watching<Role extends Environment>(
  context: RpcContext<Role>,
  answer: NonNullable<AuthoritysPart<Role>["watch"]>,
) {
  return streamingHandler(context, { method: "WatchRevocations", permission: "watch", answer });
}
