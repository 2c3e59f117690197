import type { Environment } from "./environment.ts";
import { keyedDigest } from "./derived-keys.ts";
import type { Origin } from "./token/verified-token.ts";

/** What of a token it can be followed by. */
export type Traceable = Pick<Origin, "iss" | "jti" | "digest" | "sid" | "sub">;

type Keyed = Pick<Environment, "keys">;

/** By which a token, its family and its subject can be followed through signals without being known. 16 hex digits each. */
export type Fingerprints = { tokenFingerprint?: string; familyFingerprint?: string; subjectFingerprint?: string };

export function fingerprintsOf(environment: Keyed, { iss, jti, digest, sid, sub }: Traceable): Fingerprints {
  const token = jti ?? digest;
  return {
    ...(token === undefined ? {} : { tokenFingerprint: fingerprint(environment, ["token", iss, token]) }),
    ...(sid === undefined ? {} : { familyFingerprint: fingerprint(environment, ["family", iss, sid]) }),
    ...(sub === undefined ? {} : { subjectFingerprint: fingerprint(environment, ["subject", iss, sub]) }),
  };
}

/** By which a key can be followed. 16 hex digits. */
export function fingerprintOfKey(environment: Keyed, { iss, kid }: { iss: string; kid: string }): string {
  return fingerprint(environment, ["key", iss, kid]);
}

function fingerprint(environment: Keyed, values: readonly string[]): string {
  return keyedDigest(environment.keys.fingerprint, values).toString("hex").slice(0, 16);
}
