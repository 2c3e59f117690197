import type { Config } from "../config/schema.ts";
import type { TlsFiles } from "../transport/grpc/tls-files.ts";

export function tlsFiles({ listen: { tls } }: Config): TlsFiles | undefined {
  if (tls === undefined) return undefined;
  return {
    certificate: tls.certificate,
    key: tls.key,
    clientCa: tls.client_ca,
    requireClientCertificate: tls.require_client_certificate,
  };
}
