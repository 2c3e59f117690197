/** The services of a collector. Whoever takes what they are sent decodes it when somebody looks. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { exportMethod, OTLP_PARTS, type OtlpPart } from "./otlp-messages.ts";

export type Take = (part: OtlpPart, request: Buffer, answer: sendUnaryData<object>) => void;

export function serverOf(take: Take): Server {
  const server = new Server();
  for (const part of OTLP_PARTS) {
    const method = { ...exportMethod(part), requestDeserialize: (bytes: Buffer) => bytes };
    const implementation = {
      Export: ({ request }: ServerUnaryCall<Buffer, object>, answer: sendUnaryData<object>) =>
        take(part, request, answer),
    };
    server.addService({ Export: method }, implementation);
  }
  return server;
}

/** On loopback. @returns the port */
export function listenOn(server: Server, port: number): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}
