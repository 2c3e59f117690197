import { ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { TokenServiceClient } from "../../src/gen/assay/v1/token_service.ts";
import type { Asking } from "./asking.ts";

/** What a service does without our client: one grpc-js call for each question, on one channel. */
export function eachAlone(address: string, secret: string): Asking {
  const client = new TokenServiceClient(address, ChannelCredentials.createInsecure(), { "grpc.enable_channelz": 0 });
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${secret}`);
  const rest = {
    token_type_hint: "",
    audience: [],
    required_scopes: [],
    context: undefined,
    proof: undefined,
    at_least_as_fresh: "",
    with_marks: false,
    with_signals: false,
  };
  return {
    ask: (token) =>
      new Promise((resolve, reject) => {
        client.introspect({ token, ...rest }, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
          if (error === null) resolve(answer.active);
          else reject(error);
        });
      }),
    close: () => client.close(),
  };
}

/** A machine that is busy with the bench itself is no failed server. */
export const DEADLINE_MS = 30_000;
