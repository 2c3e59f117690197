import { once } from "node:events";
import type { ClientReadableStream, Metadata, ServiceError } from "@grpc/grpc-js";
import { TokenServiceClient } from "../gen/assay/v1/token_service.ts";
import { authorization } from "./authorization.ts";
import { channelTo } from "./channel.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { EXIT, Failure } from "./failure.ts";
import { rpcFailure } from "./rpc-failure.ts";

/** A service that is gone without a goodbye is noticed. */
const KEEPALIVE = { "grpc.keepalive_time_ms": 10_000, "grpc.keepalive_timeout_ms": 5_000 };

/** The steps of one connection, until the service ends it or `stop` is aborted. @throws Failure */
export async function* openWatch<Step>(
  options: ConnectionOptions,
  begin: (client: TokenServiceClient, metadata: Metadata) => ClientReadableStream<Step>,
  stop: AbortSignal,
): AsyncGenerator<Step> {
  const metadata = authorization(options);
  const [target, credentials, channelOptions] = channelTo(options);
  const client = new TokenServiceClient(target, credentials, { ...channelOptions, ...KEEPALIVE });
  const stream = begin(client, metadata);
  const cancel = (): void => stream.cancel();
  stop.addEventListener("abort", cancel, { once: true });
  try {
    await answered(stream, options);
    const steps: AsyncIterable<Step> = stream;
    yield* steps;
  } catch (error) {
    if (stop.aborted) return;
    throw isServiceError(error) ? rpcFailure(error, options) : error;
  } finally {
    stop.removeEventListener("abort", cancel);
    cancel();
    client.close();
  }
}

/** The service has let us in when it sends metadata. */
async function answered(stream: ClientReadableStream<unknown>, options: ConnectionOptions): Promise<void> {
  const inTime = AbortSignal.timeout(options.timeout);
  try {
    await once(stream, "metadata", { signal: inTime });
  } catch (error) {
    if (!inTime.aborted) throw error;
    throw new Failure(EXIT.noAnswer, "the service did not answer in time", {
      hint: `Nothing answered at ${options.address} in time: is it the right address? Raise --timeout to wait longer.`,
    });
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}
