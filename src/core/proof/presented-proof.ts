import type { Secret } from "../secret.ts";

/** What was presented besides a token to prove that its bearer holds a key, and the request that it was presented with. */
export type PresentedProof = {
  /** The DPoP proof JWT (RFC 9449 section 4). */
  dpop?: Secret;
  /** Base64url SHA-256 of the client certificate that the caller has verified (RFC 8705 section 3). */
  clientCertificate?: string;
  /** The same of the caller's own connection. It counts only where a proof is required and `clientCertificate` is absent. */
  callerCertificate?: string;
  /** The HTTP request as its receiver saw it. */
  http?: HttpRequest;
  /** The id that the caller itself gave to its call, and gives again when it retries it. */
  requestId?: string;
};

export type HttpRequest = { method: string; uri: string };
