import { Client, Metadata } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { channelTo } from "./channel.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { EXIT, Failure } from "./failure.ts";
import { rpcFailure } from "./rpc-failure.ts";

/** Asks `grpc.health.v1.Health/Check` for the whole server. @throws Failure */
export async function askHealth(options: ConnectionOptions, pinned?: string): Promise<string> {
  const { Check } = service;
  if (Check === undefined) throw new Failure(EXIT.noAnswer, "this build knows no health service");
  const client = new Client(...channelTo(options, pinned));
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        Check.path,
        Check.requestSerialize,
        Check.responseDeserialize,
        { service: "" },
        new Metadata(),
        { deadline: Date.now() + options.timeout },
        (error, answer) => {
          if (error === null) resolve(statusOf(answer));
          else reject(rpcFailure(error, options));
        },
      );
    });
  } finally {
    client.close();
  }
}

function statusOf(answer: object | undefined): string {
  const status: unknown = Reflect.get(answer ?? {}, "status");
  return typeof status === "string" ? status : "UNKNOWN";
}
