import { Client, type ClientReadableStream, type Metadata } from "@grpc/grpc-js";
import { type Call, callGone, stopIfGone } from "../../core/call.ts";
import { channelParts, type AuthorityAddress, type AuthoritySettings, formatAddress } from "./authority-settings.ts";

/** An RPC as `src/gen` defines it, as far as a client needs it. */
export type Method<Request, Response> = {
  path: string;
  requestSerialize: (request: Request) => Buffer;
  responseDeserialize: (bytes: Buffer) => Response;
};

export type AskOptions = {
  timeoutMs: number;
  /** When it goes, the authority is told so. */
  call?: Call | undefined;
  headers?: Readonly<Record<string, string>>;
};

/** A connection to one authority. */
export type AuthorityChannel = {
  /** For messages: `HOST:PORT`. */
  address: string;
  /** @throws ServiceError as grpc-js makes it; AssayError `call_gone` */
  ask<Request, Response>(method: Method<Request, Response>, request: Request, options: AskOptions): Promise<Response>;
  /** Goes on until it is cancelled. */
  stream<Request, Response>(method: Method<Request, Response>, request: Request): ClientReadableStream<Response>;
  close(): void;
};

/** @throws StartError when the files that it needs cannot be read */
export async function openChannel(address: AuthorityAddress, settings: AuthoritySettings): Promise<AuthorityChannel> {
  const { target, credentials, options, metadata: own } = await channelParts(address, settings);
  const client = new Client(target, credentials, options);

  return {
    address: formatAddress(address),
    ask: (method, request, { timeoutMs, call, headers = {} }) =>
      new Promise((resolve, reject) => {
        stopIfGone(call);
        const deadline = Date.now() + Math.max(0, timeoutMs);
        const metadata = withHeaders(own, headers);
        const { path, requestSerialize, responseDeserialize } = method;
        const asked = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          { deadline },
          (error, response) => {
            takeBack?.();
            if (error !== null) reject(error);
            else if (response === undefined) reject(new Error("an answer without a message"));
            else resolve(response);
          },
        );
        const takeBack = call?.onGone(() => {
          asked.cancel();
          reject(callGone());
        });
      }),
    stream: ({ path, requestSerialize, responseDeserialize }, request) =>
      client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, own.clone()),
    close: () => client.close(),
  };
}

function withHeaders(own: Metadata, headers: Readonly<Record<string, string>>): Metadata {
  const metadata = own.clone();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}
