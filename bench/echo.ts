/**
 * The reference: a bare grpc-js server of the same generated definition, which answers every call with one constant object.
 * No interceptor, no telemetry, no caller authentication. Started by the bench as a process of its own:
 *   node bench/echo.ts '{"introspect": {…}, "issue": {…}, "revoke": {…}}'
 * Prints its port on one line.
 */
import { Server, ServerCredentials, type handleUnaryCall } from "@grpc/grpc-js";
import {
  GetJwksResponse,
  IntrospectResponse,
  IssueResponse,
  RevokeResponse,
  TokenServiceService,
} from "../src/gen/assay/v1/token_service.ts";

const answers: Record<string, unknown> = JSON.parse(process.argv[2] ?? "{}");

function constant<Request, Response>(answer: Response): handleUnaryCall<Request, Response> {
  return (_call, callback) => callback(null, answer);
}

const server = new Server({ "grpc.enable_channelz": 0 });
server.addService(TokenServiceService, {
  introspect: constant(IntrospectResponse.fromJSON(answers["introspect"] ?? {})),
  issue: constant(IssueResponse.fromJSON(answers["issue"] ?? {})),
  revoke: constant(RevokeResponse.fromJSON(answers["revoke"] ?? {})),
  getJwks: constant(GetJwksResponse.fromJSON({})),
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(port);
});
