import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { after } from "../../core/at-once.ts";
import type { Environment } from "../../core/environment.ts";
import type {
  IntrospectRequest,
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
  WatchRevocationsRequest,
  WatchRevocationsResponse,
} from "../../gen/assay/v1/token_service.ts";
import { TokenServiceService } from "../../gen/assay/v1/token_service.ts";
import { batchIntrospect } from "./batch-introspect.ts";
import { decodingNeverThrows } from "./decoded.ts";
import { introspect } from "./introspect.ts";
import { introspectStreamHandler } from "./introspect-stream.ts";
import { getJwks } from "./jwks.ts";
import { handler, type Rpc, type RpcContext } from "./rpc.ts";
import { type StreamingRpc, streamingHandler } from "./streaming-rpc.ts";
import { watchSignals } from "./watch-signals.ts";

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
    definition: decodingNeverThrows({ ...TokenServiceService, ...ANSWERED_IN_BYTES }),
    implementation: {
      introspect: handler(context, unary(context)),
      batchIntrospect: handler(context, batchIntrospect(context)),
      introspectStream: introspectStreamHandler(context),
      revoke: handler(context, { method: "Revoke", permission: "revoke", answer: revoke }),
      issue: handler(context, { method: "Issue", permission: "issue", answer: issue }),
      ...(watch === undefined ? {} : { watchRevocations: watching(context, watch) }),
      watchSignals: streamingHandler(context, { method: "WatchSignals", permission: "watch", answer: watchSignals }),
      getJwks: handler(context, { method: "GetJwks", answer: getJwks }),
    },
  };
}

function alreadyEncoded(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Their answers are encoded where they are made. */
const ANSWERED_IN_BYTES = {
  introspect: { ...TokenServiceService.introspect, responseSerialize: alreadyEncoded },
  batchIntrospect: { ...TokenServiceService.batchIntrospect, responseSerialize: alreadyEncoded },
  introspectStream: { ...TokenServiceService.introspectStream, responseSerialize: alreadyEncoded },
};

/** One question, counted as those of batches and streams are. */
function unary<Role extends Environment>({
  countIntrospections,
}: RpcContext<Role>): Rpc<IntrospectRequest, Uint8Array, Role> {
  return {
    method: "Introspect",
    permission: "introspect",
    answer: (environment, caller, message, _bytes, facts) =>
      after(introspect(environment, caller, message, facts), ({ bytes, outcome }) => {
        countIntrospections(outcome, 1);
        return { response: bytes, outcome };
      }),
  };
}

function watching<Role extends Environment>(
  context: RpcContext<Role>,
  answer: NonNullable<AuthoritysPart<Role>["watch"]>,
) {
  return streamingHandler(context, { method: "WatchRevocations", permission: "watch", answer });
}
