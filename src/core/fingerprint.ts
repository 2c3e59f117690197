import type { Environment } from "./environment.ts";
import { keyedDigest } from "./derived-keys.ts";
import type { Origin } from "./token/verified-token.ts";

/** By which a token and its family can be followed through signals without being known. 16 hex digits each. */
export function fingerprintsOf(
  environment: Environment,
  origin: Origin,
): { tokenFingerprint?: string; familyFingerprint?: string } {
  const { iss, jti, digest, sid } = origin;
  const token = jti ?? digest;
  return {
    ...(token === undefined ? {} : { tokenFingerprint: fingerprint(environment, ["token", iss, token]) }),
    ...(sid === undefined ? {} : { familyFingerprint: fingerprint(environment, ["family", iss, sid]) }),
  };
}

function fingerprint(environment: Environment, values: readonly string[]): string {
  return keyedDigest(environment.keys.fingerprint, values).toString("hex").slice(0, 16);
}
