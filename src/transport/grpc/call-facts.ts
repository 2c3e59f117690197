import { createHash } from "node:crypto";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { forwardedFor } from "./forwarded.ts";
import { givenRequestId } from "./request-id.ts";

/** What a call says besides its message, as far as a decision depends on it. */
export type CallFacts = {
  /** The caller's own id of the call, which it repeats when it retries. */
  requestId: string | undefined;
  /** Base64url SHA-256 of the certificate that the caller connected with: with a verifier, where it passes the call on. */
  callerCertificate: string | undefined;
};

type Call = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getAuthContext">;

const hashes = new WeakMap<object, string>();

export function callFacts(call: Call): CallFacts {
  const { callerCertificate } = forwardedFor(call.metadata) ?? { callerCertificate: certificateHash(call) };
  return { requestId: givenRequestId(call.metadata), callerCertificate };
}

/** Hashed once for each connection: the listener makes its certificate one object. */
function certificateHash(call: Call): string | undefined {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate === undefined) return undefined;
  const hash = hashes.get(certificate) ?? createHash("sha256").update(certificate.raw).digest("base64url");
  hashes.set(certificate, hash);
  return hash;
}
