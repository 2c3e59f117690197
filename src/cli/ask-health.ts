import { Client, Metadata } from "@grpc/grpc-js";
import {
  type HealthCheckResponse,
  healthCheckResponse_ServingStatusToJSON as nameOf,
  HealthService,
} from "../gen/grpc/health/v1/health.ts";
import { channelTo } from "./channel.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { rpcFailure } from "./rpc-failure.ts";

/** Asks `grpc.health.v1.Health/Check` for the whole server. @throws Failure */
export async function askHealth(options: ConnectionOptions, pinned?: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = HealthService.check;
  const client = new Client(...channelTo(options, pinned));
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: "" },
        new Metadata(),
        { deadline: Date.now() + options.timeout },
        (error, answer?: HealthCheckResponse) => {
          if (error === null) resolve(answer === undefined ? "UNKNOWN" : nameOf(answer.status));
          else reject(rpcFailure(error, options));
        },
      );
    });
  } finally {
    client.close();
  }
}
