/** What a verifier says of a call that it passes on, and an authority hears. */
import type { Metadata } from "@grpc/grpc-js";

/**
 * Its value is the base64url SHA-256 of the certificate that the verifier's caller connected with, or `1` where it had none. Whoever says it
 * gives up the certificate of its own connection as a proof, and may say of another no more than in `client_certificate_sha256`.
 */
export const FORWARDED = "x-assay-forwarded";
export const WITHOUT_CERTIFICATE = "1";

const SHA256 = /^[\w-]{43}$/;

/** Undefined where the call is not passed on. */
export function forwardedFor(metadata: Metadata): { callerCertificate: string | undefined } | undefined {
  const [value] = metadata.get(FORWARDED);
  if (value === undefined) return undefined;
  return { callerCertificate: typeof value === "string" && SHA256.test(value) ? value : undefined };
}
