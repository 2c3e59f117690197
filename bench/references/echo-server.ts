/**
 * What every reference is: a grpc-js server of the same generated definition, which answers each call with one constant object. No
 * interceptor, no telemetry, no caller authentication.
 */
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  BatchIntrospectResponse,
  GetJwksResponse,
  IntrospectResponse,
  IntrospectStreamResponse,
  IssueResponse,
  RevokeResponse,
  TokenServiceService,
} from "../../src/gen/assay/v1/token_service.ts";

/** Each as protobuf's JSON; empty when absent. */
export type Answers = Partial<
  Record<"batchIntrospect" | "introspect" | "introspectStream" | "issue" | "revoke", unknown>
>;

/** What is done for a unary call before it is answered. */
export type Work = () => Promise<unknown>;

/** Serves on a free port, and prints it on one line. */
export function serve(answers: Answers, work?: Work): void {
  const server = new Server({ "grpc.enable_channelz": 0 });
  server.addService(TokenServiceService, implementation(answers, work));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(port);
  });
}

function implementation(answers: Answers, work: Work | undefined): UntypedServiceImplementation {
  const unary = <Response>(answer: Response): handleUnaryCall<unknown, Response> =>
    work === undefined ? constant(answer) : after(work, answer);
  return {
    introspect: unary(IntrospectResponse.fromJSON(answers.introspect ?? {})),
    batchIntrospect: unary(BatchIntrospectResponse.fromJSON(answers.batchIntrospect ?? {})),
    introspectStream: eachMessage(IntrospectStreamResponse.fromJSON(answers.introspectStream ?? {})),
    issue: unary(IssueResponse.fromJSON(answers.issue ?? {})),
    revoke: unary(RevokeResponse.fromJSON(answers.revoke ?? {})),
    getJwks: unary(GetJwksResponse.fromJSON({})),
  };
}

function constant<Response>(answer: Response): handleUnaryCall<unknown, Response> {
  return (_call, callback) => callback(null, answer);
}

function after<Response>(work: Work, answer: Response): handleUnaryCall<unknown, Response> {
  const answerWith = async (callback: sendUnaryData<Response>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    callback(null, answer);
  };
  return (_call, callback) => void answerWith(callback);
}

function eachMessage<Response>(answer: Response): handleBidiStreamingCall<unknown, Response> {
  return (call) => {
    call.on("data", () => call.write(answer));
    call.on("end", () => call.end());
  };
}
