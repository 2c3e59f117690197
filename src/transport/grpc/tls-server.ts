import { constants } from "node:crypto";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import type { CallLog } from "./call-log.ts";
import type { TlsFiles, TlsMaterial } from "./tls-files.ts";

export type TlsServerOptions = {
  /** Gets every connection that is ready to speak HTTP/2. */
  accept(socket: TLSSocket): void;
  handshakeTimeoutMs: number;
  log: CallLog;
};

/** TLS 1.3, and of TLS 1.2 what has forward secrecy and an AEAD (RFC 9325 section 4.2). */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

export function createTlsServer(material: TlsMaterial, files: TlsFiles, options: TlsServerOptions): Server {
  const server = createServer({
    ...secureContext(material),
    ALPNProtocols: ["h2"],
    noDelay: true,
    handshakeTimeout: options.handshakeTimeoutMs,
    requestCert: material.ca !== undefined,
    rejectUnauthorized: material.ca !== undefined && files.requireClientCertificate,
  });
  server.on("secureConnection", (socket) => {
    const refusal = refusalOf(socket);
    if (refusal === undefined) options.accept(rememberCertificate(socket));
    else refuse(options, socket, refusal);
  });
  server.on("tlsClientError", (error) => options.log.debug({ err: error }, "a TLS handshake failed"));
  return server;
}

/** What a server may take over while it runs: `setSecureContext` starts from nothing. */
export function secureContext(material: TlsMaterial): SecureContextOptions {
  return {
    ...material,
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function refusalOf(socket: TLSSocket): string | undefined {
  if (socket.alpnProtocol !== "h2") return "it does not offer h2 by ALPN";
  // Where a certificate is optional, a wrong one must not pass for none.
  const isPresented = socket.getPeerX509Certificate() !== undefined;
  return isPresented && !socket.authorized ? "its client certificate is not good for listen.tls.client_ca" : undefined;
}

function refuse({ log }: TlsServerOptions, socket: TLSSocket, refusal: string): void {
  // Node says why as a code in plain text, whatever its types say.
  log.warn({ why: String(socket.authorizationError) }, `a connection was refused: ${refusal}`);
  socket.on("error", () => undefined).destroy();
}

/** grpc-js asks for the peer's certificate at every call: it gets the same object, by which the caller is remembered. */
function rememberCertificate(socket: TLSSocket): TLSSocket {
  const certificate = socket.getPeerCertificate();
  return Object.defineProperty(socket, "getPeerCertificate", { value: () => certificate });
}
