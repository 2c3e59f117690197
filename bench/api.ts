/** The product's RPCs, as a caller sends them. */
import { connect } from "node:http2";
import {
  IntrospectRequest,
  IntrospectResponse,
  IssueRequest,
  IssueResponse,
  RevokeRequest,
  RevokeResponse,
  type TokenFormat,
} from "../src/gen/assay/v1/token_service.ts";
import { call } from "./http2-load.ts";
import { AUDIENCE, CLIENT, type Product } from "./product.ts";

export type Rpc = "BatchIntrospect" | "Introspect" | "IntrospectStream" | "Issue" | "Revoke";

export type Api = {
  introspect(request: Partial<IntrospectRequest>): Promise<IntrospectResponse>;
  issue(request: IssueRequest): Promise<IssueResponse>;
  revoke(request: Partial<RevokeRequest>): Promise<RevokeResponse>;
  close(): void;
};

export function openApi({ origin, metadata }: Pick<Product, "metadata" | "origin">): Api {
  const session = connect(origin);
  const send = (rpc: Rpc, message: Uint8Array) =>
    call(
      session,
      { ":method": "POST", ":path": pathOf(rpc), "content-type": "application/grpc", te: "trailers", ...metadata },
      Buffer.from(message),
    );
  return {
    introspect: async (request) =>
      IntrospectResponse.decode(
        await send("Introspect", IntrospectRequest.encode(IntrospectRequest.fromPartial(request)).finish()),
      ),
    issue: async (request) => IssueResponse.decode(await send("Issue", IssueRequest.encode(request).finish())),
    revoke: async (request) =>
      RevokeResponse.decode(await send("Revoke", RevokeRequest.encode(RevokeRequest.fromPartial(request)).finish())),
    close: () => session.close(),
  };
}

export function mintRequest(format: TokenFormat, isRefreshing: boolean, clientId = CLIENT): IssueRequest {
  return IssueRequest.fromPartial({
    grant: {
      $case: "mint",
      value: {
        client_id: clientId,
        subject: "alice",
        scope: "read",
        audience: [AUDIENCE],
        format,
        refresh: isRefreshing,
      },
    },
  });
}

export async function mintToken(api: Api, format: TokenFormat, clientId = CLIENT): Promise<string> {
  return (await api.issue(mintRequest(format, false, clientId))).access_token;
}

export function pathOf(rpc: Rpc): string {
  return `/assay.v1.TokenService/${rpc}`;
}
