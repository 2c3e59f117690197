/**
 * A service that does what no real one can be made to do: it counts the messages it reads, reads none, or cannot answer an item so
 * many times. Its every token is active, and is its own subject.
 */
import { Metadata, Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import {
  IntrospectResponse,
  type IntrospectStreamRequest,
  type IntrospectStreamResponse,
  type IntrospectStreamResponse_Item,
  TokenServiceService,
} from "../../src/gen/assay/v1/token_service.ts";
import { ErrorInfo, RetryInfo } from "../../src/gen/google/rpc/error_details.ts";

export type CountingOptions = {
  isDeaf?: boolean;
  unavailable?: { token: string; times: number; retryAfterMs?: number };
};

export type CountingService = {
  address: string;
  streams(): number;
  /** How many items each had. */
  messages(): number[];
  asked(token: string): number;
};

type Call = ServerDuplexStream<IntrospectStreamRequest, IntrospectStreamResponse>;
type Item = IntrospectStreamRequest["items"][number];

export async function startCountingService({
  isDeaf = false,
  unavailable,
}: CountingOptions = {}): Promise<CountingService> {
  const asked = new Map<string, number>();
  const messages: number[] = [];
  let streams = 0;

  function answer({ id, request }: Item): IntrospectStreamResponse_Item {
    const token = request?.token ?? "";
    const times = (asked.get(token) ?? 0) + 1;
    asked.set(token, times);
    if (token === unavailable?.token && times <= unavailable.times)
      return { id, result: { $case: "status", value: unavailableStatus(unavailable.retryAfterMs) } };
    return { id, result: { $case: "response", value: { ...IntrospectResponse.decode(Buffer.of(8, 1)), sub: token } } };
  }

  const server = new Server();
  server.addService(
    { introspectStream: TokenServiceService.introspectStream },
    {
      introspectStream: (call: Call) => {
        streams += 1;
        // Else its client waits for them.
        call.sendMetadata(new Metadata());
        if (isDeaf) return;
        call.on("data", ({ items }: IntrospectStreamRequest) => {
          messages.push(items.length);
          call.write({ items: items.map(answer) });
        });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  onTestFinished(() => server.forceShutdown());
  return {
    address: `127.0.0.1:${port}`,
    streams: () => streams,
    messages: () => messages,
    asked: (token) => asked.get(token) ?? 0,
  };
}

function unavailableStatus(retryAfterMs: number | undefined) {
  const info = ErrorInfo.encode({ reason: "STORE_UNAVAILABLE", domain: "assay.v1", metadata: {} }).finish();
  const details = [{ type_url: "type.googleapis.com/google.rpc.ErrorInfo", value: Buffer.from(info) }];
  if (retryAfterMs !== undefined) {
    const retry = RetryInfo.encode({ retry_delay: { seconds: retryAfterMs / 1_000, nanos: 0 } }).finish();
    details.push({ type_url: "type.googleapis.com/google.rpc.RetryInfo", value: Buffer.from(retry) });
  }
  return { code: status.UNAVAILABLE, message: "the store does not answer", details };
}
