import type { CallOptions, ServiceError } from "@grpc/grpc-js";
import type {
  IntrospectRequest,
  IntrospectResponse,
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
} from "../gen/assay/v1/token_service.ts";
import { TokenServiceClient } from "../gen/assay/v1/token_service.ts";
import { authorization } from "./authorization.ts";
import { channelTo } from "./channel.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { rpcFailure } from "./rpc-failure.ts";

/** The service as a command sees it. @throws Failure */
export type Service = {
  introspect(request: IntrospectRequest): Promise<IntrospectResponse>;
  revoke(request: RevokeRequest): Promise<RevokeResponse>;
  issue(request: IssueRequest): Promise<IssueResponse>;
};

type Answer<Response> = (error: ServiceError | null, response: Response) => void;

/** Connects for the length of the work. @throws Failure */
export async function withService<T>(options: ConnectionOptions, work: (service: Service) => Promise<T>): Promise<T> {
  const metadata = authorization(options);
  const client = new TokenServiceClient(...channelTo(options));

  function ask<Response>(
    send: (callOptions: Partial<CallOptions>, answer: Answer<Response>) => void,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      send({ deadline: Date.now() + options.timeout }, (error, response) => {
        if (error === null) resolve(response);
        else reject(rpcFailure(error, options));
      });
    });
  }

  try {
    return await work({
      introspect: (request) => ask((callOptions, answer) => client.introspect(request, metadata, callOptions, answer)),
      revoke: (request) => ask((callOptions, answer) => client.revoke(request, metadata, callOptions, answer)),
      issue: (request) => ask((callOptions, answer) => client.issue(request, metadata, callOptions, answer)),
    });
  } finally {
    client.close();
  }
}
